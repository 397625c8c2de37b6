/*
 * `projections rebuild --from-this-log`: deletes all read models, and records that they are built from the present log
 * (docs/adr/0041). It works on the database itself, because API and projector refuse to start on another log. If Daybook does
 * not run from the data folder, the embedded database is started for it.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { takeDataFolder } from '../start/data-folder.mjs';
import { ask, isTerminal } from './credentials.mjs';
import { UsageError } from './flags.mjs';
import { note, printJson } from './output.mjs';
import { isGiven, runningIn, settings } from './settings.mjs';

export async function rebuildFromLog({ data, json, yes }) {
  const folder = resolve(data);
  const isStopped = !isGiven('DATABASE_URL') && !runningIn(folder) && existsSync(join(folder, 'postgres'));
  if (!isStopped) return rebuild(folder, null, { json, yes });
  const { startEmbedded } = await import('@daybook/postgres');
  const taken = takeDataFolder(folder, { fresh: false });
  try {
    const database = await startEmbedded({ dataDir: join(folder, 'postgres') });
    try {
      await rebuild(folder, database.url, { json, yes });
    } finally {
      await database.stop();
    }
  } finally {
    taken.release();
  }
}

async function rebuild(folder, embeddedUrl, { json, yes }) {
  const [
    { createPool, entityManager, roleUrl },
    { openEventStore, requireLogFormat },
    projections,
    { fileEntities, restartRetention },
    { readConfig },
    { prepareData },
    { migrations },
  ] = await Promise.all([
    import('@daybook/postgres'),
    import('@daybook/event-store'),
    import('@daybook/projections'),
    import('@daybook/files'),
    import('@daybook/server/config'),
    import('@daybook/server/prepare-data'),
    import('@daybook/app/migrations'),
  ]);
  const config = await settings(readConfig, folder, embeddedUrl);
  const { databaseUrl, eventStoreUrl, secret } = config;
  await prepareData(config, migrations);
  const url = roleUrl(databaseUrl, 'projector', secret);
  const pool = createPool(url, { max: 2, application: 'rebuild from log' });
  const store = openEventStore({ eventStoreUrl, postgres: { url } });
  try {
    await requireLogFormat(store, eventStoreUrl === null ? 'DATABASE_URL' : 'EVENTSTORE_URL');
    if (!yes) await confirm(await stateOf(pool, store, projections));
    await restartRetention(entityManager(pool, fileEntities));
    const { log, dropped } = await projections.rebuildFromThisLog(pool, store);
    const head = String(await store.head());
    if (json) printJson({ log, dropped, head });
    else {
      note(
        `${dropped} read models were deleted. The projector rebuilds them from the log ${log}, up to event ${head}, as soon as it runs.\n` +
          'Sign-in data, sessions, keys of personal data, files, jobs and mails are unchanged, and files that no record cites now are kept for their whole retention period: see docs/operator.md for what that means.',
      );
    }
  } finally {
    await store.close();
    await pool.end();
  }
}

/** What the operator reads before anything is deleted. */
async function stateOf(pool, store, { checkLog, LogReplaced, readCheckpoint }) {
  const { rows } = await pool.query('select count(*)::int as all from projections.generation');
  const deletes = `This deletes all ${rows[0].all} read models of all tenants, and reads are refused until they are rebuilt.`;
  try {
    await checkLog(store, await readCheckpoint(pool));
    return `${deletes} They were made from this very log: nothing needs rebuilding.`;
  } catch (error) {
    if (!(error instanceof LogReplaced)) throw error;
    return `${deletes} ${error.message.split(': ', 1)[0]}.`;
  }
}

/** Continues if the person at the terminal confirms. */
async function confirm(state) {
  if (!isTerminal()) throw new UsageError(`${state} Give --yes to do it.`);
  const answer = await ask(`${state}\nType "rebuild" to do it: `, false);
  if (answer !== 'rebuild') throw new UsageError('Nothing was deleted.');
}
