import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventToAppend, StoreUnavailable } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { canMount, type SmallDisk, smallDisk } from '@daybook/postgres/testing/small-disk';
import { Client, type Pool } from 'pg';
import { MemoryStore } from '../testing/memory-store.js';
import { readiness } from './readiness.js';
import { withDiskReserve, Storage } from './storage.js';

const withDisk = canMount ? it : it.skip; // mounting needs privileges that not every machine grants

/** For slow machines: the timeout of readiness is not under test here. */
const patientMs = 60_000;

describe('the disk space check', () => {
  let dataDir: string;
  let database: TestDatabase;
  let pool: Pool;
  let disk: SmallDisk;
  const storage = (folders: Readonly<Record<string, string>> = {}) =>
    new Storage({ pool, databaseDir: join(dataDir, 'postgres'), folders });
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'daybook-storage-'));
    mkdirSync(join(dataDir, 'postgres'));
    if (canMount) disk = smallDisk(40_000, join(dataDir, 'postgres'));
    database = await testDatabase([]);
    pool = createPool(database.apiUrl, { max: 1, application: 'storage-spec' });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
    if (canMount) disk.remove();
    rmSync(dataDir, { recursive: true });
  });
  afterEach(() => {
    if (canMount) disk.empty();
  });

  withDisk('stops appends when a tenth of a small database disk is left, while reads go on', async () => {
    const memory = new MemoryStore();
    const store = withDiskReserve(memory, storage());
    const event = { id: newId(), type: 'note', version: 1, data: {}, metadata: {} } as unknown as EventToAppend;
    const append = () => store.append(`testing.note-${newId()}-1`, 'none', [event]);
    disk.fill(5_000);
    await append();
    disk.empty();
    disk.fill(3_900);
    await expect(append()).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(append()).rejects.toMatchObject({ why: 'full' });
    expect(await store.head()).toBe(await memory.head());
    disk.empty();
    await append();
  });

  withDisk('ignores the folder of an embedded database that is not in use', async () => {
    disk.fill();
    await new Storage({ pool, databaseDir: null, folders: {} }).reserve();
  });

  withDisk('waits for space and reports once that the disk is full', async () => {
    disk.fill();
    let reports = 0;
    const waiting = storage().waitForSpace(new AbortController().signal, () => {
      reports++;
      disk.empty();
    });
    await waiting;
    expect(reports).toBe(1);
    disk.fill();
    const stopping = new AbortController();
    await storage().waitForSpace(stopping.signal, () => stopping.abort());
  });

  withDisk('names full disks in readiness', async () => {
    const one = storage({ files: join(dataDir, 'postgres'), mail: dataDir });
    expect(await readiness({ storage: one.check }, patientMs)).toEqual({
      ready: true,
      checks: { storage: { status: 'ok' } },
    });
    disk.fill();
    const { checks, ready } = await readiness(
      { storage: storage({ files: join(dataDir, 'postgres') }).check },
      patientMs,
    );
    expect([ready, checks['storage']]).toEqual([false, { status: 'failed', full: 'database, files' }]);
  });

  it('probes the database with a temporary file, at most once a second', async () => {
    let clock = 0;
    let asked = 0;
    const counting = { query: (sql: string) => (asked++, pool.query(sql)) } as unknown as Pool;
    const elsewhere = new Storage({ pool: counting, databaseDir: null, folders: {} }, () => clock);
    const spilt = async () => {
      await pool.query('select pg_stat_force_next_flush()');
      const { rows } = await pool.query('select temp_bytes from pg_stat_database where datname = current_database()');
      return Number(rows[0].temp_bytes);
    };
    const before = await spilt();
    await Promise.all([elsewhere.check(), elsewhere.check()]);
    clock = 999;
    await elsewhere.check();
    expect(asked).toBe(1);
    clock = 1_000;
    await elsewhere.check();
    expect(asked).toBe(2);
    expect((await spilt()) - before).toBeGreaterThan(2_000_000);
  });

  it('leaves the connection usable when the probe fails', async () => {
    const admin = new Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query(
      `do $$ begin execute format('alter database %I set temp_file_limit = 100', current_database()); end $$`,
    );
    const limited = createPool(database.apiUrl, { max: 1, application: 'storage-spec' });
    const one = new Storage({ pool: limited, databaseDir: null, folders: {} });
    await expect(one.check()).rejects.toThrow('temporary file size exceeds');
    expect((await limited.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await limited.end();
    await admin.end();
  });

  it('reports a full disk that only the database can see', async () => {
    const full = Object.assign(new Error('could not write'), { code: '53100', severity: 'ERROR' });
    const checkAfter = async (error: Error) => {
      const pool = { query: () => Promise.reject(error) } as unknown as Pool;
      const { checks } = await readiness({ s: new Storage({ pool, databaseDir: null, folders: {} }).check });
      return checks['s'];
    };
    expect(await checkAfter(full)).toEqual({ status: 'failed', full: 'database' });
    expect(await checkAfter(new Error('Connection terminated'))).toEqual({ status: 'failed', reason: 'unreachable' });
  });
});
