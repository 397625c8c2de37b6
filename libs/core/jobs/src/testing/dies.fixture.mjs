/* A process that starts a job and never finishes it, for a spec that kills it. `node --import tools/source.mjs dies.fixture.mjs URL` */
import { createPool, entityManager } from '@daybook/postgres';
import * as z from 'zod';
import { job, jobEntities, openJobs } from '@daybook/jobs';

const url = process.argv[2];
const em = entityManager(createPool(url, { max: 2, application: 'dies' }), jobEntities);
const jobs = openJobs({ em, worker: { url } });
const die = job('test.die', { title: 'Die once', input: z.object({}) });
await jobs.work([{ job: die, handler: () => new Promise(() => undefined) }]);
