import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded } from '../embedded.js';
import { migrate, type SqlMigration } from '../migrate.js';
import { roleUrl } from '../roles.js';

export interface TestDatabase {
  readonly adminUrl: string;
  readonly secret: string;
  readonly apiUrl: string;
  readonly projectorUrl: string;
  drop(): Promise<void>;
}

const secret = 'a secret of tests, long enough to be taken';

/**
 * A fresh, migrated database. One real server serves all spec files of a Jest process; it ends with the process, a
 * killed one included, and takes its files with it. Databases are copied from a template per list of migrations.
 */
export function testDatabase(migrations: readonly SqlMigration[]): Promise<TestDatabase> {
  const made = queue.then(() => makeDatabase(migrations));
  queue = made.catch(() => undefined);
  return made;
}

/** One after the other: roles belong to the whole server, and two calls must not make the same template twice. */
let queue: Promise<unknown> = Promise.resolve();

async function makeDatabase(migrations: readonly SqlMigration[]): Promise<TestDatabase> {
  const server = await testServer();
  const template = await templateFor(server, migrations);
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `create database ${name} template ${template}`);
  const adminUrl = databaseUrl(server, name);
  // Rights on a database are not copied with it.
  await migrate(adminUrl, secret, migrations);
  return {
    adminUrl,
    secret,
    apiUrl: roleUrl(adminUrl, 'api', secret),
    projectorUrl: roleUrl(adminUrl, 'projector', secret),
    drop: async () => void (await administer(server, `drop database if exists ${name} with (force)`)),
  };
}

async function templateFor(server: string, migrations: readonly SqlMigration[]): Promise<string> {
  const name = `template_${createHash('sha256').update(JSON.stringify(migrations)).digest('hex').slice(0, 24)}`;
  const known = await administer(server, `select from pg_database where datname = '${name}'`);
  if (known > 0) return name;
  await administer(server, `create database ${name}_new`);
  await migrate(databaseUrl(server, `${name}_new`), secret, migrations);
  await administer(server, `alter database ${name}_new rename to ${name}`);
  return name;
}

let starting: Promise<string> | undefined;
/** Admin URL of this process's server. Jest gives each spec file its own module state, so the URL is kept in a file. */
export const testServer = (): Promise<string> => (starting ??= findOrStart());

async function findOrStart(): Promise<string> {
  const dataDir = join(tmpdir(), `daybook-test-${process.pid}`);
  const note = join(dataDir, 'url');
  try {
    const url = readFileSync(note, 'utf8');
    await administer(url, 'select 1');
    return url;
  } catch {
    // None yet, or one of an earlier process that had this number.
    rmSync(dataDir, { recursive: true, force: true });
    const { url } = await startEmbedded({ dataDir, durable: false });
    writeFileSync(note, url, { mode: 0o600 });
    return url;
  }
}

async function administer(url: string, sql: string): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
