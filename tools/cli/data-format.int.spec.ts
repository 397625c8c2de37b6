import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { TestDatabase } from '@daybook/postgres/testing/database';
import { databaseSnapshot, olderDatabase } from '@daybook/postgres/testing/older-database';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe('a tool of the operator on a database of Daybook 0.1', () => {
  let database: TestDatabase;
  beforeAll(async () => void (database = await olderDatabase()));
  afterAll(() => database.drop());

  it.each([
    'projections rebuild trial-balance',
    'projections rebuild --from-this-log --yes',
    'vault status',
    'vault rotate',
    'vault reapply-erasures',
  ])('changes nothing and says so: %s', async (command) => {
    const before = await databaseSnapshot(database.adminUrl);
    const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.adminUrl, DAYBOOK_SECRET: database.secret };
    const child = spawn(
      process.execPath,
      ['--import', place('../source.mjs'), place('daybook.mjs'), ...command.split(' ')],
      {
        env,
      },
    );
    const ended = new Promise<number | null>((done) => child.once('close', done));
    const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    expect({ out, err, status }).toEqual({
      out: '',
      err: 'The data at DATABASE_URL was written by Daybook 0.1, which this version cannot read. Set DATABASE_URL to another database; import your SAF-T files again.\n',
      status: 1,
    });
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
  });
});
