/*
 * An API for specs that kill it: `node --import tools/source.mjs importer.fixture.mjs PLACE`, with the settings of the product.
 * It serves nobody and runs the jobs of the API, imports among them. It kills itself (SIGKILL) at a place: before or after
 * the command of a row, counted from its start. Otherwise it runs until it is killed.
 */
import 'reflect-metadata';
import { AppModule } from '@daybook/app';
import { configOrExit } from '@daybook/server';
import { createApi } from '@daybook/server/api';
import { createLogger } from '@daybook/server/health/logger';
import { RowCaller } from '@daybook/server/import/row-caller';

const [place] = process.argv.slice(2);
let at = 0;
const pass = () => {
  if (++at === Number(place)) process.kill(process.pid, 'SIGKILL');
};
const { send } = RowCaller.prototype;
RowCaller.prototype.send = async function (...args) {
  pass();
  const answer = await Reflect.apply(send, this, args);
  pass();
  return answer;
};

const app = await createApi(AppModule, { config: configOrExit(), logger: createLogger('fatal', 'importer') });
await app.init();
