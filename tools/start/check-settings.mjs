/*
 * Checks the environment's settings as the programs do, and contacts the event store that they name: all that can be checked
 * before the database runs. Exits with status 1 and the problem on standard error.
 */
import { configOrExit } from '@daybook/server/config';

const { eventStoreUrl, adminEmail, adminPassword } = configOrExit();
if (adminPassword !== null) {
  const { passwordProblem } = await import('@daybook/identity/session/password-rules');
  const problem = await passwordProblem(adminPassword, { email: adminEmail, name: 'Administrator' });
  if (problem) {
    process.stderr.write(`DAYBOOK_ADMIN_PASSWORD is wrong: ${problem.message}\n`);
    process.exit(1);
  }
}
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
