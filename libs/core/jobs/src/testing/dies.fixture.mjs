/* A process that takes on a job and never finishes it, for a spec that kills it. `node --import tools/source.mjs dies.fixture.mjs URL` */
import { createPool } from '@daybook/postgres';
import * as z from 'zod';
import { job, openJobs } from '@daybook/jobs';

const url = process.argv[2];
const jobs = openJobs({ pool: createPool(url, { max: 2, application: 'dies' }), worker: { url } });
const die = job('test.die', { title: 'Die once', input: z.object({}) });
await jobs.work([{ job: die, handler: () => new Promise(() => undefined) }]);
