import { parseArgs } from 'node:util';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { StartError } from './start-error.mjs';

export const help = `Usage: npm start -- [options]

Starts Daybook on this machine: database, API, projector and console.

  --port <number>   port of the console and the API (DAYBOOK_PORT, else 3000)
  --data <folder>   folder for all data (DAYBOOK_DATA, else .daybook)
  --fresh           deletes the content of that folder first
  --no-demo         creates no demo company, now or at a later start
  --version         prints the version
  --help            prints this text

  DAYBOOK_ADMIN_EMAIL, DAYBOOK_ADMIN_PASSWORD   the first login
  DAYBOOK_MASTER_KEY   wraps the keys of personal data (docs/operator.md)
  DATABASE_URL      a PostgreSQL of your own instead of the embedded one
  DAYBOOK_SECRET    what all keys are derived from (a random one, kept in the data folder)
  DAYBOOK_HOST      address to listen on (127.0.0.1)
`;

/** Options from the command line and the environment. */
export function optionsOf(args, env) {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        'no-demo': { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new StartError(`${error.message.split('. ')[0]}. See npm start -- --help.`);
  }
  const port = values.port ?? (env.DAYBOOK_PORT || '3000');
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new StartError(`"${port}" is not a port number.`);
  const databaseUrl = setting(env, 'DATABASE_URL');
  if (values.fresh && databaseUrl) {
    throw new StartError('--fresh deletes only the embedded database. Empty the one at DATABASE_URL yourself.');
  }
  return {
    port: Number(port),
    host: setting(env, 'DAYBOOK_HOST') ?? '127.0.0.1',
    data: resolve(values.data ?? (env.DAYBOOK_DATA || '.daybook')),
    fresh: values.fresh,
    demo: !values['no-demo'],
    version: values.version,
    help: values.help,
    databaseUrl,
    secret: setting(env, 'DAYBOOK_SECRET'),
  };
}

/** A variable, or the file that `<NAME>_FILE` names; null when neither is given. */
export function setting(env, name) {
  const file = env[`${name}_FILE`];
  if (env[name] && file) throw new StartError(`${name} and ${name}_FILE are both set; keep one.`);
  if (!file) return env[name] || null;
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch {
    throw new StartError(`${name}_FILE names a file that cannot be read.`);
  }
}
