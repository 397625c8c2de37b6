import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { externalData } from '@daybook/accounting/saft/testing/external-data';
import { type EventStore, openPostgresEventStore } from '@daybook/event-store';
import { metaFor } from '@daybook/event-store/testing/events';
import { newId, streamName } from '@daybook/kernel';
import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import { ProjectionEngine } from '@daybook/projections';
import { plainCatalogue } from '@daybook/server/testing/memory-store';
import type { Pool } from 'pg';
import { byOldestTransaction, bySequence, type PlainLog } from './broken-logs.js';
import { accountProjection, events } from './deposits.js';
import { type HeldCommits, heldCommits, heldEvent, heldType, refusedType, until } from './held-commits.js';
import { programMigrations } from './program.js';

const longMs = 3_600_000;

/* No reader passes an event whose transaction has not ended (case 89 of the shared cases). Positions are given under a lock. */
interface Reader {
  readonly name: string;
  /** Reads until it is quiet. */
  run(): Promise<void>;
  /** How many events it has seen, and up to where. */
  seen(): Promise<number>;
  checkpoint(): Promise<bigint>;
}

describe('a reader of the log', () => {
  let database: TestDatabase;
  let pool: Pool;
  let held: HeldCommits;
  let stores: EventStore[];
  let readers: Reader[];
  let stop: AbortController;
  const tenant = newId();
  beforeEach(async () => {
    stop = new AbortController();
    database = await testDatabase(programMigrations);
    pool = createPool(database.projectorUrl, { max: 4, application: 'log gaps' });
    held = await heldCommits(database);
    stores = [1, 2, 3, 4].map(() =>
      openPostgresEventStore({ url: database.projectorUrl, pollMs: 20, appendAnswerMs: 600_000 }),
    );
    readers = [await projection(), subscription(), rebuild(), copy(2)];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all([pool.end(), held.end()]);
    await database.drop();
  });

  const append = (writer: number, count: number, type = 'faults.deposited.v1') => {
    const accountId = newId();
    const all = Array.from({ length: count }, (_, at) => ({
      id: newId(),
      type,
      data: { accountId, depositId: newId(), amount: 1, number: at + 1 },
      meta: metaFor(tenant),
    }));
    return stores[writer]!.append(streamName('faults.account', tenant, accountId), 'none', all);
  };

  async function projection(): Promise<Reader> {
    const catalogue = plainCatalogue([...events, heldEvent]);
    const engine = new ProjectionEngine({ pool, store: stores[3]!, catalogue, projections: [accountProjection] });
    await engine.catchUp();
    const one = async (sql: string) => (await pool.query<{ n: string }>(sql)).rows[0]!.n;
    return {
      name: 'projection',
      run: async () => void (await engine.catchUp()),
      // Each event has a position; the held ones are of a type that the read model does not count.
      seen: async () => Number(await one("select position as n from projections.checkpoint where id = 'live'")),
      checkpoint: async () => BigInt(await one("select position as n from projections.checkpoint where id = 'live'")),
    };
  }
  function subscription(): Reader {
    const seen: bigint[] = [];
    void (async () => {
      for await (const batch of stores[3]!.subscribeAll({ after: 0n, signal: stop.signal }))
        seen.push(...batch.events.map(({ position }) => position));
    })().catch(() => undefined);
    return {
      name: 'subscription',
      run: async () => {
        const head = await stores[3]!.head();
        await until(async () => (seen.at(-1) ?? 0n) >= head);
      },
      seen: async () => (new Set(seen).size === seen.length ? seen.length : NaN),
      checkpoint: async () => seen.at(-1) ?? 0n,
    };
  }
  function rebuild(): Reader {
    let seen: bigint[] = [];
    return {
      name: 'rebuild from 0',
      run: async () => {
        seen = [];
        for await (const { position } of stores[3]!.readAll()) seen.push(position);
      },
      seen: async () => seen.length,
      checkpoint: async () => seen.at(-1) ?? 0n,
    };
  }
  function copy(limit: number): Reader {
    const seen: bigint[] = [];
    return {
      name: 'copy of the log',
      run: async () => {
        for (let before = -1; before < seen.length;) {
          before = seen.length;
          for await (const { position } of stores[3]!.readAll({ after: seen.at(-1) ?? 0n, limit })) seen.push(position);
        }
      },
      seen: async () => (new Set(seen).size === seen.length ? seen.length : NaN),
      checkpoint: async () => seen.at(-1) ?? 0n,
    };
  }
  const runAll = async (): Promise<void> => {
    for (const reader of readers) await reader.run();
  };
  const seenByEach = async (): Promise<[string, number][]> =>
    Promise.all(readers.map(async (reader): Promise<[string, number]> => [reader.name, await reader.seen()]));
  const each = (count: number): [string, number][] => readers.map(({ name }) => [name, count]);

  /** What the shared cases say, where they are there; the same numbers stand here. */
  function expectedOf(timeline: string, ours: number): number {
    const folder = externalData('cases/89-log-gaps');
    if (folder === null) return ours;
    const all = JSON.parse(readFileSync(join(folder, 'timelines.json'), 'utf8')) as {
      timeline: string;
      expected: { eventsOfEachReader: number };
    }[];
    const { expected } = all.find((one) => one.timeline === timeline)!;
    expect(expected.eventsOfEachReader).toBe(ours);
    return expected.eventsOfEachReader;
  }

  it('sees nothing of a slow commit until it has ended, and passes nothing meanwhile', async () => {
    const expected = expectedOf('slow commit', 5);
    await held.hold();
    const slow = append(0, 1, heldType);
    await until(async () => (await held.waiting()) === 1);
    // They wait for the one before them: positions are gapless and in the order of commits.
    const others = [append(1, 3), append(2, 1)];
    await runAll();
    expect(await seenByEach()).toEqual(each(0));
    await held.release();
    expect(await Promise.all([slow, ...others])).toMatchObject([{ position: 1n }, {}, {}]);
    await runAll();
    expect(await seenByEach()).toEqual(each(expected));
  });

  it('misses nothing that is committed between its two looks', async () => {
    const expected = expectedOf('commit between the two looks of a reader', 2);
    await stores[3]!.head();
    await append(0, 1);
    await append(1, 1);
    await runAll();
    expect(await seenByEach()).toEqual(each(expected));
  });

  it('finds no hole where many events were rolled back, and looks once', async () => {
    const expected = expectedOf('hole wider than a page', 1);
    await expect(append(0, 1_000, refusedType)).rejects.toThrow('refused by the spec');
    await append(1, 1);
    await runAll();
    expect(await seenByEach()).toEqual(each(expected));
    expect(await stores[3]!.head()).toBe(1n);
  });

  it('waits for nothing after a connection that was cut in an append', async () => {
    const expected = expectedOf('only a hole at the end', 1);
    await held.hold();
    const cut = append(0, 10, heldType).catch((error: unknown) => error);
    for (const _ of ['its connection', 'and that of its retry']) {
      await until(async () => (await held.waiting()) === 1);
      await held.terminate();
      await until(async () => (await held.waiting()) === 0);
    }
    expect(await cut).toMatchObject({ name: 'StoreUnavailable' });
    await held.release();
    await runAll();
    expect([await seenByEach(), await stores[3]!.head()]).toEqual([each(0), 0n]);
    await append(1, 1);
    await runAll();
    expect(await seenByEach()).toEqual(each(expected));
  });
});

describe('a log that is broken on purpose', () => {
  async function withLog<T>(
    make: (pool: Pool) => Promise<PlainLog>,
    work: (log: PlainLog, pool: Pool) => Promise<T>,
  ): Promise<T> {
    const database = await testDatabase([]);
    const pool = createPool(database.adminUrl, { max: 5, application: 'broken log' });
    try {
      return await work(await make(pool), pool);
    } finally {
      await pool.end();
      await database.drop();
    }
  }
  /** The slow commit, and a reader that runs before it ends and after. */
  const slowCommit = async (log: PlainLog, pool: Pool): Promise<number> => {
    const seen: bigint[] = [];
    const read = async (): Promise<void> => void seen.push(...(await log.read(seen.at(-1) ?? 0n, 100)));
    const slow = await log.begin(1);
    for (const events of [3, 1]) await (await log.begin(events)).commit();
    await read();
    await slow.commit();
    await othersEnded(pool);
    await read();
    return seen.length;
  };
  /** Other specs have transactions on the same server, which would hold up a reader that waits for the oldest. */
  const othersEnded = async (pool: Pool): Promise<void> => {
    const bound = async (of: 'xmin' | 'xmax') =>
      BigInt(
        (await pool.query<{ xid: string }>(`select pg_snapshot_${of}(pg_current_snapshot()) as xid`)).rows[0]!.xid,
      );
    const now = await bound('xmax');
    await until(async () => (await bound('xmin')) >= now);
  };
  /** What a reader sees while somebody else's transaction is open. */
  const besideAnother = async (log: PlainLog, pool: Pool): Promise<number> => {
    const other = await pool.connect();
    await other.query('begin; select pg_current_xact_id()');
    await (await log.begin(2)).commit();
    const seen = (await log.read(0n, 100)).length;
    await other.query('rollback');
    other.release();
    return seen;
  };

  it(
    'is noticed where its positions come from a sequence: the slow commit is never seen',
    async () => expect(await withLog(bySequence, slowCommit)).toBeLessThan(5),
    longMs,
  );

  it(
    'is noticed where readers wait for the oldest transaction: anybody stalls them',
    async () => {
      expect(await withLog(byOldestTransaction, slowCommit)).toBe(5);
      expect(await withLog(byOldestTransaction, besideAnother)).toBe(0);
      expect(await withLog(bySequence, besideAnother)).toBe(2);
    },
    longMs,
  );
});
