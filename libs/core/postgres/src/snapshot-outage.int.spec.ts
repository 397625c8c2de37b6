import { type Kysely, sql } from 'kysely';
import { inSnapshot } from './entity-driver.js';
import { orm } from './orm.js';
import { isOutage } from './outage.js';
import { testDatabase, type TestDatabase } from './testing/database.js';
import { type DatabaseProxy, databaseProxy } from './testing/proxy.js';

const tenant = '0197a000-0000-7000-8000-000000000001';

describe('a snapshot whose connection breaks', () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let db: Kysely<object>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    database = await testDatabase([]);
    proxy = await databaseProxy(database.apiUrl);
    const mikro = await orm(proxy.through(database.apiUrl), { max: 1, application: 'outage spec', pipeline: true });
    db = mikro.em.fork().getKysely<object>();
    close = () => mikro.close();
  });
  afterAll(async () => {
    await close();
    await proxy.close();
    await database.drop();
  });

  const read = (meanwhile: () => void) =>
    inSnapshot(db, tenant, 'select 1', async (on) => {
      meanwhile();
      return (await sql<{ two: number }>`select 2 as two`.execute(on)).rows;
    });

  it('says that the connection broke (503), not that it was released twice (500), and the next one has another', async () => {
    for (const when of ['in the middle', 'again']) {
      const thrown: unknown = await read(() => proxy.cut()).catch((error: unknown) => error);
      expect([when, isOutage(thrown), String(thrown)]).toEqual([when, true, expect.not.stringContaining('released')]);
      expect(await read(() => undefined)).toEqual([{ two: 2 }]);
    }
  });
});
