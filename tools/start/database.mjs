import { join } from 'node:path';
import { otherFormat } from './data-folder.mjs';
import { StartError } from './start-error.mjs';

/**
 * The embedded PostgreSQL in the data folder, or the one at DATABASE_URL. API and projector create its content. The
 * embedded one is restarted when it ends; `watcher` is notified.
 */
export async function openDatabase(folder, { databaseUrl }, watcher) {
  // Imported only now, because they had to be built first, and only these, because the whole product takes seconds to load.
  const [{ startEmbedded }, { migrations }, ...asking] = await Promise.all([
    import('@daybook/postgres/embedded'),
    import('@daybook/app/migrations'),
    import('@daybook/postgres/connection'),
    import('@daybook/postgres/server-version'),
    import('@daybook/postgres/data-format'),
    import('@daybook/postgres/limits'),
    import('@daybook/postgres/secret-check'),
    import('@daybook/postgres/database-error-message'),
  ]);
  const postgres = Object.assign({}, ...asking);
  const dir = databaseUrl ? null : join(folder.path, 'postgres');
  const embedded = dir === null ? null : await startEmbedded({ dataDir: dir, watcher });
  const url = databaseUrl ?? embedded.url;
  const stop = async () => embedded?.stop();
  try {
    await refuse(url, folder.secret, migrations, postgres);
  } catch (error) {
    await stop();
    if (embedded && error.name === 'DataFormatError') throw otherFormat(folder.path, error.found);
    const sentence = databaseUrl || error.name === 'SecretMismatchError' ? postgres.databaseErrorMessage(error) : null;
    throw sentence ? new StartError(sentence) : error;
  }
  return { url, dir, stop };
}

/** Refuses a server that is too old, data in another format, another secret, and data with migrations of a newer Daybook. */
async function refuse(
  url,
  secret,
  migrations,
  { connectTo, requireVersion, requireDataFormat, requireSecret, timeLimits },
) {
  const client = await connectTo(url, { application: 'start', timeLimits: timeLimits.long });
  try {
    await requireVersion(client);
    await requireDataFormat(client);
    await requireSecret(client, secret);
    const { rows } = await client.query(`select to_regclass('daybook.mikro_orm_migrations') is not null as kept`);
    if (!rows[0].kept) return;
    const taken = await client.query('select name from daybook.mikro_orm_migrations');
    const known = new Set(migrations.map(({ name }) => name));
    if (taken.rows.some(({ name }) => !known.has(name))) {
      throw new StartError('The data was written by a newer Daybook. Use that one, or another folder with --data.');
    }
  } finally {
    await client.end();
  }
}
