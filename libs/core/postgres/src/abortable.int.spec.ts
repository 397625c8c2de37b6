import { sql, type Kysely } from 'kysely';
import { inSnapshot } from './entity-driver.js';
import { orm } from './orm.js';
import { testDatabase, type TestDatabase } from './testing/database.js';

const tenant = '0197a000-0000-7000-8000-000000000001';

describe('a snapshot that is no longer wanted', () => {
  let database: TestDatabase;
  let db: Kysely<object>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    database = await testDatabase([]);
    const mikro = await orm(database.apiUrl, { max: 2, application: 'abort spec' });
    db = mikro.em.fork().getKysely<object>();
    close = () => mikro.close();
  });
  afterAll(async () => {
    await close();
    await database.drop();
  });
  const backend = async (on: Kysely<object>) =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(on)).rows[0]!.pid;
  /** Until the connection of a snapshot runs `pg_sleep`. */
  const sleeping = async (pid: number) => {
    for (;;) {
      const { rows } = await sql<{ event: string | null }>`
        select wait_event as event from pg_stat_activity where pid = ${pid}`.execute(db);
      if (rows[0]?.event === 'PgSleep') return;
    }
  };

  it('has its statement cancelled, and gives its connection back fit for use', async () => {
    const left = new AbortController();
    let pid = 0;
    const read = inSnapshot(
      db,
      tenant,
      'select 1',
      async (snapshot) => {
        pid = await backend(snapshot);
        await sql`select pg_sleep(3600)`.execute(snapshot);
      },
      left.signal,
    );
    read.catch(() => undefined);
    while (pid === 0) await new Promise((resume) => setImmediate(resume));
    await sleeping(pid);
    left.abort();
    await expect(read).rejects.toBe(left.signal.reason);
    const again = await Promise.all([1, 2].map(() => inSnapshot(db, tenant, 'select 1', (on) => backend(on))));
    expect(again).toContain(pid);
  });

  it('begins no further statement', async () => {
    const left = new AbortController();
    let ran = 0;
    const read = inSnapshot(
      db,
      tenant,
      'select 1',
      async (snapshot) => {
        await sql`select 1`.execute(snapshot);
        ran += 1;
        left.abort();
        await sql`select 1`.execute(snapshot);
        ran += 1;
      },
      left.signal,
    );
    const thrown: unknown = await read.catch((error: unknown) => error);
    expect(thrown).toBe(left.signal.reason);
    expect(ran).toBe(1);
    await expect(inSnapshot(db, tenant, 'select 1', async () => 1, left.signal)).rejects.toBe(left.signal.reason);
  });

  it('is not disturbed by an abort after its end', async () => {
    const left = new AbortController();
    expect(await inSnapshot(db, tenant, 'select 1', async () => 'read', left.signal)).toBe('read');
    left.abort();
    expect(await inSnapshot(db, tenant, 'select 1', async () => 'again')).toBe('again');
  });
});
