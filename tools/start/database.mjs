import { join } from 'node:path';
import pg from 'pg';
import { StartError } from './start-error.mjs';

/**
 * The embedded PostgreSQL in the data folder, or the one at DATABASE_URL. API and projector make what is in it. The
 * embedded one is started again when it ends; `watcher` hears of it.
 */
export async function openDatabase(folder, { databaseUrl }, watcher) {
  const [{ startEmbedded }, { suite }] = await Promise.all([import('@daybook/postgres'), import('@daybook/suite')]);
  const embedded = databaseUrl ? null : await startEmbedded({ dataDir: join(folder.path, 'postgres'), watcher });
  const url = databaseUrl ?? embedded.url;
  const stop = async () => embedded?.stop();
  try {
    await refuseNewer(url, suite.migrations);
  } catch (error) {
    await stop();
    if (databaseUrl && !(error instanceof StartError)) {
      throw new StartError(`The database at DATABASE_URL does not let us in: ${error.message || error.code}.`);
    }
    throw error;
  }
  return { url, stop };
}

/** Steps that this Daybook does not know were taken by a newer one. */
async function refuseNewer(url, migrations) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
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
