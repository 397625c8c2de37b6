/*
 * Checks the environment's settings as the programs do, and contacts the event store that they name: all that can be checked
 * before the database runs. Exits with status 1 and the problem on standard error.
 */
import { configOrExit } from '@daybook/server/config';

const { eventStoreUrl } = configOrExit();
if (eventStoreUrl !== null) {
  const [{ requireEventStore }, { operatorMessage }] = await Promise.all([
    import('@daybook/server/prepare-data'),
    import('@daybook/server/startup-error'),
  ]);
  try {
    await requireEventStore(eventStoreUrl);
  } catch (error) {
    process.stderr.write(`${operatorMessage(error) ?? error.stack}\n`);
    process.exit(1);
  }
}
