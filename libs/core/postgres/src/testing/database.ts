import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbedded } from '../embedded.js';
import { migrate, type SqlMigration } from '../migrate.js';
import { rightsOnDatabase, roleUrl } from '../roles.js';

export interface TestDatabase {
  readonly adminUrl: string;
  readonly secret: string;
  readonly apiUrl: string;
  readonly projectorUrl: string;
  drop(): Promise<void>;
}

/** The same for all specs: the roles' passwords are derived from it, and roles belong to the whole server. */
const secret = 'a secret of tests, long enough to be taken';

/** Content of every copy, besides the tables. */
export interface Content {
  readonly name: string;
  /** Fills the template, and leaves no connection to it open. */
  readonly fill: (database: TestDatabase) => Promise<void>;
}

/**
 * A fresh, migrated database: a copy of a template, which is made once per list of migrations (and content) in a run,
 * by whichever worker needs it first.
 */
export async function testDatabase(migrations: readonly SqlMigration[], content?: Content): Promise<TestDatabase> {
  const server = await testServer();
  const name = `t_${randomUUID().replaceAll('-', '')}`;
  await administer(server, async (admin) => {
    const template = await inTurn(admin, () => templateFor(server, admin, migrations, content));
    await copy(admin, template, name);
  });
  return databaseOf(server, name);
}

function databaseOf(server: string, name: string): TestDatabase {
  const adminUrl = databaseUrl(server, name);
  return {
    adminUrl,
    secret,
    apiUrl: roleUrl(adminUrl, 'api', secret),
    projectorUrl: roleUrl(adminUrl, 'projector', secret),
    drop: () =>
      administer(server, async (admin) => void (await admin.query(`drop database if exists ${name} with (force)`))),
  };
}

async function templateFor(
  server: string,
  admin: Client,
  migrations: readonly SqlMigration[],
  content?: Content,
): Promise<string> {
  const parts = JSON.stringify([migrations, content?.name]);
  const name = `template_${createHash('sha256').update(parts).digest('hex').slice(0, 24)}`;
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 1) return name;
  const unfinished = `${name}_new`;
  await admin.query(`drop database if exists ${unfinished} with (force)`);
  if (content) {
    await copy(admin, await templateFor(server, admin, migrations), unfinished);
    await content.fill(databaseOf(server, unfinished));
  } else {
    await admin.query(`create database ${unfinished}`);
    await migrate(databaseUrl(server, unfinished), secret, migrations);
  }
  await admin.query(`alter database ${unfinished} rename to ${name}`);
  return name;
}

async function copy(admin: Client, template: string, name: string): Promise<void> {
  await admin.query(`create database ${name} template ${template}`);
  // Grants on a database are not copied with it.
  await admin.query(rightsOnDatabase(name));
}

/** Key of the advisory lock: one worker creates a template at a time. */
const lock = 7_204_114;

async function inTurn<T>(admin: Client, work: () => Promise<T>): Promise<T> {
  await admin.query('select pg_advisory_lock($1)', [lock]);
  try {
    return await work();
  } finally {
    await admin.query('select pg_advisory_unlock($1)', [lock]);
  }
}

let found: Promise<string> | undefined;

/** Admin URL of the server of this run (tools/checks/test-server.mjs); outside Jest (benches), of a server of this process. */
export const testServer = (): Promise<string> =>
  (found ??= (async () => {
    const door = process.env['DAYBOOK_TEST_SERVER'];
    if (door === undefined)
      return (await startEmbedded({ dataDir: mkdtempSync(join(tmpdir(), 'daybook-test-')), durable: false })).url;
    const answer = await fetch(door);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.text();
  })());

async function administer(url: string, work: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
