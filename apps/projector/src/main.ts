import 'reflect-metadata';
import { configOrExit } from '@daybook/server';
import { createLogger } from '@daybook/server/health/logger';
import { openBase } from '@daybook/server/open-base';
import { createProjector } from '@daybook/server/projector';
import { prepareData } from '@daybook/server/prepare-data';
import { start, stopOnSignal } from '@daybook/server/run';
import { suite } from '@daybook/suite';

const config = configOrExit();
const logger = createLogger(config.logLevel, 'projector');

start(async () => {
  await prepareData(config, suite.migrations);
  const base = await openBase(config, suite, logger, { role: 'projector', jobConcurrency: 3, processMetrics: true });
  const app = await createProjector(base);
  stopOnSignal(app, () => base.close(), logger);
  // Health and metrics only, so never for the network.
  await app.listen(config.projectorPort, '127.0.0.1');
  logger.info({ address: await app.getUrl() }, 'the projector works');
}, logger);
