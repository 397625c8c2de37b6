import 'reflect-metadata';
import { configOrExit } from '@daybook/server';
import { createApi } from '@daybook/server/api';
import { createLogger } from '@daybook/server/health/logger';
import { openRuntime } from '@daybook/server/open-runtime';
import { prepareData } from '@daybook/server/prepare-data';
import { start, stopOnSignal } from '@daybook/server/run';
import { suite } from '@daybook/suite';
import { makeFirstLogin } from './first-login.js';

const config = configOrExit();
const logger = createLogger(config.logLevel, 'api');

start(async () => {
  await prepareData(config, suite.migrations);
  const runtime = await openRuntime(config, suite, logger, { processMetrics: true });
  const app = await createApi(runtime);
  await makeFirstLogin(config, runtime.base);
  stopOnSignal(app, () => runtime.close(), logger);
  await app.listen(config.port, config.host);
  logger.info({ address: await app.getUrl() }, 'the API listens');
}, logger);
