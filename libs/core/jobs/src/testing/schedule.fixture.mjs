/*
 * A process that runs a job by the clock, in each of some tenants: `node --import tools/source.mjs schedule.fixture.mjs URL TENANTS`.
 * With a third argument it is killed, as by kill -9, when it has started so many. Says that it has begun to look.
 */
import { createPool, entityManager } from '@daybook/postgres';
import * as z from 'zod';
import { job, jobEntities, openJobs, schedule } from '@daybook/jobs';

const [url, tenants, killedAfter] = process.argv.slice(2);
const all = tenants.split(',');

function* untilKilled() {
  yield* all.slice(0, Number(killedAfter));
  process.kill(process.pid, 'SIGKILL');
}

const em = entityManager(createPool(url, { max: 2, application: 'schedule' }), jobEntities);
const jobs = openJobs({ em, worker: { url, pollMs: 20 } });
const tidy = job('test.tidy', { title: 'Tidy', input: z.object({}) });
const nightly = schedule(tidy, {
  cron: '30 2 * * *',
  zone: 'UTC',
  input: {},
  tenants: async () => (killedAfter === undefined ? all : untilKilled()),
});
await jobs.work(killedAfter === undefined ? [{ job: tidy, handler: async () => undefined }] : [], [nightly]);
console.log('looks');
