/*
 * Checks the settings of the environment as the programs do, and asks the event store that they name: all that can be known
 * before the database runs. Ends with status 1 and what is wrong on standard error.
 */
import { configOrExit } from '@daybook/server/config';

const { eventStoreUrl } = configOrExit();
if (eventStoreUrl !== null) {
  const [{ requireEventStore }, { startSentence }] = await Promise.all([
    import('@daybook/server/prepare-data'),
    import('@daybook/server/start-sentence'),
  ]);
  try {
    await requireEventStore(eventStoreUrl);
  } catch (error) {
    process.stderr.write(`${startSentence(error) ?? error.stack}\n`);
    process.exit(1);
  }
}
