import { dataFormat, DataFormatError } from '@daybook/kernel/data-format';
import { requireDataFormatAt } from './data-format.js';
import { migrate } from './migrate.js';
import { testDatabase, type TestDatabase } from './testing/database.js';
import { asAdmin, databaseSnapshot, olderDatabase } from './testing/older-database.js';

const step = { name: '2026-11-30-step', sql: 'create schema made' };

describe('the format of the data in a database', () => {
  let database: TestDatabase;
  afterEach(() => database.drop());

  const refused = async (found: number): Promise<void> => {
    const before = await databaseSnapshot(database.adminUrl);
    for (const work of [
      () => migrate(database.adminUrl, 'another secret, which would change the passwords', [step]),
      () => requireDataFormatAt(database.adminUrl),
      () => requireDataFormatAt(database.projectorUrl),
    ]) {
      const error = await work().then(() => null, (one: unknown) => one); // prettier-ignore
      expect(error).toBeInstanceOf(DataFormatError);
      expect(error).toMatchObject({ place: 'DATABASE_URL', found });
    }
    expect(await databaseSnapshot(database.adminUrl)).toBe(before);
  };

  it('is noted in a new one before anything else is made', async () => {
    database = await testDatabase([]);
    expect(await asAdmin(database.adminUrl, 'select format from daybook.data_format')).toEqual([
      { format: dataFormat },
    ]);
    await requireDataFormatAt(database.projectorUrl);
    await migrate(database.adminUrl, database.secret, [step]);
  });

  it('is that of 0.1 where there is data without a mark, which is refused and not changed', async () => {
    database = await olderDatabase();
    await refused(1);
  });

  it('is refused when it is a newer one', async () => {
    database = await testDatabase([]);
    await asAdmin(database.adminUrl, `update daybook.data_format set format = ${dataFormat + 1}`);
    await refused(dataFormat + 1);
  });

  it('is noted by the next start where the first one was cut off before it', async () => {
    database = await testDatabase([]);
    await asAdmin(database.adminUrl, 'drop table daybook.data_format, daybook.mikro_orm_migrations');
    await Promise.all([1, 2].map(() => migrate(database.adminUrl, database.secret, [step])));
    expect(await asAdmin(database.adminUrl, 'select format from daybook.data_format')).toEqual([
      { format: dataFormat },
    ]);
  });
});
