import 'reflect-metadata';
import { configOrExit } from '@daybook/server';
import { createLogger } from '@daybook/server/health/logger';
import { createProjector } from '@daybook/server/projector';
import { prepareData } from '@daybook/server/prepare-data';
import { start, stopOnSignal } from '@daybook/server/run';
import { migrations, ProjectorModule } from '@daybook/app';

const config = configOrExit();
const logger = createLogger(config.logLevel, 'projector');

start(async () => {
  await prepareData(config, migrations);
  const app = await createProjector(ProjectorModule, { config, logger, jobConcurrency: 3, processMetrics: true });
  stopOnSignal(app, logger);
  // Health and metrics only, so never for the network.
  await app.listen(config.projectorPort, '127.0.0.1');
  logger.info({ address: await app.getUrl() }, 'the projector works');
}, logger);
