import { migrate } from './migrate.js';
import { requireSecretAt, SecretMismatchError } from './secret-check.js';
import { testDatabase, type TestDatabase } from './testing/database.js';
import { asAdmin, databaseSnapshot } from './testing/older-database.js';

const another = 'another secret, which is long enough to be taken';
const step = { name: '2026-11-30-step', sql: 'create schema made' };

describe('a database that was made with another secret', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await testDatabase([]);
  });
  afterEach(() => database.drop());

  it('is refused in one sentence that names the variable and the data folder, before anything in it is changed', async () => {
    const before = await databaseSnapshot(database.adminUrl);
    for (const work of [
      () => migrate(database.adminUrl, another, [step]),
      () => requireSecretAt(database.adminUrl, another),
    ]) {
      const error = await work().then(() => null, (one: unknown) => one); // prettier-ignore
      expect(error).toBeInstanceOf(SecretMismatchError);
      expect((error as Error).message).toMatch(
        /^This database was made with another DAYBOOK_SECRET: [^.\n]*--data[^.\n]*\.$/,
      );
    }
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
    await requireSecretAt(database.adminUrl, database.secret);
    await migrate(database.adminUrl, database.secret, [step]);
  });

  it('keeps a hash of it that neither program reads, and from which it does not follow', async () => {
    const { apiUrl, projectorUrl, adminUrl, secret } = database;
    const [row] = (await asAdmin(adminUrl, 'select hash from daybook.secret_check')) as { hash: string }[];
    expect(row!.hash).toMatch(/^scrypt:[0-9a-f]{32}:[0-9a-f]{64}$/);
    expect(row!.hash).not.toContain(Buffer.from(secret).toString('hex'));
    for (const url of [apiUrl, projectorUrl]) {
      await expect(asAdmin(url, 'select hash from daybook.secret_check')).rejects.toThrow('permission denied');
    }
  });

  it('is told by the next start where the first one was cut off before it was noted', async () => {
    await asAdmin(database.adminUrl, 'drop table daybook.secret_check');
    await Promise.all([1, 2].map(() => migrate(database.adminUrl, database.secret, [step])));
    await expect(migrate(database.adminUrl, another, [step])).rejects.toBeInstanceOf(SecretMismatchError);
  });
});
