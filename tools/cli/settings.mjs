/*
 * For commands that work on the database itself, as migrations do, and not through the API: the settings of the programs, or
 * those kept in the data folder that Daybook runs from.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireFormat } from '../start/data-folder.mjs';
import { UsageError } from './flags.mjs';

export const workOnData = (command) =>
  command.option('--data <folder>', 'the data folder (DAYBOOK_DATA)', process.env.DAYBOOK_DATA || '.daybook');

/**
 * From the environment; what is missing there, from the data folder. `embeddedUrl` replaces the address of a database that does
 * not run. Data of another version or another secret is refused: no tool reads or changes it.
 */
export async function settings(readConfig, folder, embeddedUrl = null) {
  const env = { ...process.env };
  if (!isGiven('DATABASE_URL')) {
    const url = embeddedUrl ?? runningIn(folder);
    requireFormat(folder);
    if (!url) throw new UsageError(`Set DATABASE_URL, or start Daybook: no database runs from ${folder}.`);
    env.DATABASE_URL = url;
  }
  if (!isGiven('DAYBOOK_SECRET')) env.DAYBOOK_SECRET = kept(folder, 'secret')?.trim();
  const config = configFrom(readConfig, env);
  const { requireDataFormatAt, requireSecretAt } = await import('@daybook/postgres');
  await requireDataFormatAt(config.databaseUrl);
  await requireSecretAt(config.databaseUrl, config.secret);
  return config;
}

function configFrom(readConfig, env) {
  try {
    return readConfig(env);
  } catch (error) {
    throw error.name === 'ConfigError' ? new UsageError(error.message) : error;
  }
}

export const isGiven = (name) => Boolean(process.env[name] || process.env[`${name}_FILE`]);

const kept = (folder, ...path) =>
  existsSync(join(folder, ...path)) ? readFileSync(join(folder, ...path), 'utf8') : null;

/** Address of the embedded database of a folder while it runs. The fourth line of postmaster.pid is the port. */
export function runningIn(folder) {
  const [pid, password] = [kept(folder, 'postgres', 'cluster', 'postmaster.pid'), kept(folder, 'postgres', 'password')];
  return pid && password ? `postgresql://postgres:${password.trim()}@127.0.0.1:${pid.split('\n')[3]}/postgres` : null;
}
