import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { suite } from '@daybook/suite';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe.each(['api', 'projector'])('the %s, started without the event store it was told of', (app) => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await testDatabase(suite.migrations)));
  afterAll(() => database.drop());

  it('ends with one sentence that names the variable, without the password and without a stack trace', async () => {
    const program = ['--import', place('../../../tools/source.mjs'), place(`../../${app}/src/main.ts`)];
    const child = spawn(process.execPath, program, {
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: database.adminUrl,
        DAYBOOK_SECRET: database.secret,
        EVENTSTORE_URL: 'esdb://admin:hunter2@127.0.0.1:1?tls=false',
        DAYBOOK_PORT: '0',
        DAYBOOK_PROJECTOR_PORT: '0',
      },
    });
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    expect(status).toBe(1);
    const lines = out.trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'fatal',
      time: expect.any(String),
      part: app,
      msg: 'The event store at 127.0.0.1:1 does not answer: start it, or correct EVENTSTORE_URL.',
    });
    expect(out + err).not.toMatch(/hunter2|node_modules/);
  }, 120_000);
});
