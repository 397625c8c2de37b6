/* An API process that takes a job and never finishes it, for a spec that kills it: URL, seconds of its lease. */
import { createPool, entityManager, Listener } from '@daybook/postgres';
import * as z from 'zod';
import { ApiWorker, job, jobEntities } from '@daybook/jobs';

const [url, leaseSeconds] = process.argv.slice(2);
const em = entityManager(createPool(url, { max: 2, application: 'dies' }), jobEntities);
const listener = new Listener({ url, application: 'dies listen' });
const worker = new ApiWorker(em, { listener, leaseSeconds: Number(leaseSeconds), onError: () => undefined });
const die = job('test.die', { title: 'Die once', input: z.object({}), runsIn: 'api' });
worker.start([{ job: die, handler: () => new Promise(() => undefined) }]);
