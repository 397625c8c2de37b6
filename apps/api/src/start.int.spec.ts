import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { testDatabase } from '@daybook/postgres/testing/database';
import { databaseSnapshot, olderDatabase } from '@daybook/postgres/testing/older-database';
import { migrations } from '@daybook/app';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Runs the program until it exits: its status and its output. */
async function run(app: string, env: Record<string, string>) {
  const program = ['--import', place('../../../tools/source.mjs'), place(`../../${app}/src/main.ts`)];
  const ports = { DAYBOOK_PORT: '0', DAYBOOK_PROJECTOR_PORT: '0' };
  const child = spawn(process.execPath, program, { env: { PATH: process.env['PATH'] ?? '', ...ports, ...env } });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return {
    out,
    err,
    status,
    lines: out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  };
}
const fatal = (part: string, msg: string) => [{ level: 'fatal', time: expect.any(String), part, msg }];

describe.each(['api', 'projector'])('the %s, started while its event store is unavailable', (app) => {
  it('exits with one sentence that names the variable, without password and stack trace', async () => {
    const database = await testDatabase(migrations);
    const { out, err, status, lines } = await run(app, {
      DATABASE_URL: database.adminUrl,
      DAYBOOK_SECRET: database.secret,
      EVENTSTORE_URL: 'esdb://admin:hunter2@127.0.0.1:1?tls=false',
    });
    expect(status).toBe(1);
    expect(lines).toEqual(
      fatal(app, 'The event store at 127.0.0.1:1 does not answer: start it, or correct EVENTSTORE_URL.'),
    );
    expect(out + err).not.toMatch(/hunter2|node_modules/);
    await database.drop();
  }, 120_000);
});

describe.each(['api', 'projector'])('the %s, started on a database of Daybook 0.1', (app) => {
  it('exits with one sentence that says what to do, and changes nothing in it', async () => {
    const database = await olderDatabase();
    const before = await databaseSnapshot(database.adminUrl);
    const { status, lines } = await run(app, {
      DATABASE_URL: database.adminUrl,
      DAYBOOK_SECRET: 'another secret, which would change the passwords',
    });
    expect(status).toBe(1);
    expect(lines).toEqual(
      fatal(
        app,
        'The data at DATABASE_URL was written by Daybook 0.1, which this version cannot read. Set DATABASE_URL to another database; import your SAF-T files again.',
      ),
    );
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
    await database.drop();
  }, 120_000);
});
