/*
 * A projector for specs that kill it: `node --import tools/source.mjs projector.fixture.mjs PLACE`, with the settings of the
 * product. It kills itself (SIGKILL) at a place: before or after a command that it sends, counted from its start. Where it comes
 * to no such place it says `idle` and ends once nothing is left to do. With `rebuild` as the place it first folds all
 * processes anew.
 */
import 'reflect-metadata';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProjectorModule } from '@daybook/app';
import { configOrExit, RAW_EVENT_STORE } from '@daybook/server';
import { OperationRunner } from '@daybook/server/dispatch/operation-runner';
import { createLogger } from '@daybook/server/health/logger';
import { BackgroundWork, createProjector } from '@daybook/server/projector';

const [place] = process.argv.slice(2);
let at = 0;
const pass = () => {
  if (++at === Number(place)) process.kill(process.pid, 'SIGKILL');
};
const { execute } = OperationRunner.prototype;
OperationRunner.prototype.execute = async function (...args) {
  pass();
  const answer = await Reflect.apply(execute, this, args);
  pass();
  return answer;
};

const config = configOrExit();
const logger = createLogger('fatal', 'projector');
const app = await createProjector(ProjectorModule, { config, logger, jobConcurrency: 1 });
await app.init();
const [{ engine }, store] = [app.get(BackgroundWork), app.get(RAW_EVENT_STORE, { strict: false })];
if (place === 'rebuild') {
  for (const { kind, name } of await engine.status()) if (kind === 'process') await engine.rebuild(name);
}
while ((await engine.processes.position()) < (await store.head())) await sleep(5);
process.stdout.write('idle\n');
await app.close();
