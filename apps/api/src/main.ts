import 'reflect-metadata';
import { configOrExit } from '@daybook/server';
import { createApi } from '@daybook/server/api';
import { createLogger } from '@daybook/server/health/logger';
import { prepareData } from '@daybook/server/prepare-data';
import { start, stopOnSignal } from '@daybook/server/run';
import { AppModule, migrations } from '@daybook/app';
import { makeFirstLogin } from './first-login.js';

const config = configOrExit();
const logger = createLogger(config.logLevel, 'api');

start(async () => {
  await prepareData(config, migrations);
  const app = await createApi(AppModule, { config, logger, processMetrics: true });
  await makeFirstLogin(app);
  stopOnSignal(app, logger);
  await app.listen(config.port, config.host);
  logger.info({ address: await app.getUrl() }, 'the API listens');
}, logger);
