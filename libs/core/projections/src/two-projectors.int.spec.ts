import { createPool } from '@daybook/postgres';
import type { Pool } from 'pg';
import { buildStep } from './build.js';
import { CheckpointMoved } from './registry.js';
import { type Bench, openBench } from './testing/engine.js';
import { plainCatalogue } from './testing/event-log.js';
import { interrupted } from './testing/interrupted.js';
import { noteAdded, noteEvents, notesImported, notesProjection, noteStaged, noteWritten, trailProjection } from './testing/notes.js'; // prettier-ignore

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const staging = `testing.import-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: null });

describe('two projectors at once', () => {
  let bench: Bench;
  let pools: Pool[];
  beforeEach(async () => {
    bench = await openBench();
    pools = [];
    await bench.log.record(tenant, staging, noteStaged.of({ noteId: 'x', text: '', amount: '2', day: null }));
    await bench.log.record(tenant, stream, written('a'), noteAdded.of({ noteId: 'a', amount: '0.5' }));
    await bench.log.record(tenant, stream, notesImported.of({ stream: staging, count: 1 }));
    await bench.engine().catchUp();
  });
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await bench.end();
  });
  const deps = (pool: Pool = bench.pool) => ({
    pool,
    store: bench.log,
    catalogue: plainCatalogue(noteEvents),
    projections: [notesProjection, trailProjection],
  });
  /** Connections of the other process; they fail instead of waiting for the first process, which waits for this one here. */
  const otherPool = (): Pool => {
    const url = new URL(bench.database.projectorUrl);
    url.searchParams.set('options', '-c lock_timeout=30ms');
    const pool = createPool(url.href, { max: 2, application: 'other projector' });
    pools.push(pool);
    return pool;
  };
  const ownPool = (): Pool => {
    const pool = createPool(bench.database.projectorUrl, { max: 3, application: 'dying projector' });
    pools.push(pool);
    return pool;
  };
  const newest = async () => (await bench.engine().status()).filter(({ name }) => name === 'notes').at(-1)!;
  /** Like the engine: another process was faster, so read the registry again. */
  const unlessMoved = <T>(work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      if (error instanceof CheckpointMoved) return null;
      throw error;
    });

  it('finish a rebuild although the standby keeps building while it is compared', async () => {
    const leader = bench.engine();
    await leader.rebuild('notes');
    while ((await newest()).position !== String(await bench.log.head())) await buildStep(deps(), false);
    const standby = otherPool();
    let compared = 0;
    const watched = interrupted(bench.pool, async (text) => {
      if (!/except all/.test(text)) return;
      compared += 1;
      await bench.log.record(tenant, stream, written(`late ${compared}`));
      await leader.advanceNow();
      await buildStep(deps(standby), false).catch(() => undefined);
    });
    let rounds = 0;
    while ((await newest()).state === 'building' && rounds < 5) {
      rounds += 1;
      await unlessMoved(buildStep(deps(watched), true));
    }
    // One per table.
    expect([rounds, compared]).toEqual([1, 2]);
    expect(await newest()).toMatchObject({ generation: 2, state: 'live', position: String(await bench.log.head()) });
    const { rows } = await bench.pool.query('select count(*)::int as n from rm_notes_v1_g2.notes');
    expect(rows).toEqual([{ n: 4 }]);
  });

  it.each(['stands by', 'leads as well'])(
    'end with the rebuilt rows at whatever step the other, which %s, interferes',
    async (other) => {
      const pool = otherPool();
      const step = () => (other === 'stands by' ? buildStep(deps(pool), false) : bench.engine({ pool }).catchUp());
      const before = await bench.dump(await bench.live('notes'));
      for (let at = 1, done = false; !done; at++) {
        const leader = bench.engine();
        await leader.rebuild('notes');
        let statements = 0;
        const watched = interrupted(bench.pool, async () => {
          statements += 1;
          if (statements === at) await step().catch(() => undefined);
        });
        const first = bench.engine({ pool: watched });
        for (let tries = 0; (await unlessMoved(first.catchUp())) === null; tries++) expect(tries).toBeLessThan(3);
        done = statements < at;
        const { generation } = await newest();
        expect(await newest()).toMatchObject({ state: 'live', rebuild: null });
        expect(generation).toBe(at + 1);
        expect(await bench.dump(await bench.live('notes'))).toEqual(before);
        await bench.engine({ dropAfterMs: 0 }).tidy();
      }
    },
    240_000,
  );

  it('end with the rebuilt rows at whatever step the first is killed', async () => {
    const before = await bench.dump(await bench.live('notes'));
    for (let at = 1, died = true; died; at++) {
      await bench.engine().rebuild('notes');
      let statements = 0;
      const dying = interrupted(ownPool(), async (_, kill) => {
        statements += 1;
        if (statements >= at) kill();
      });
      died = await bench
        .engine({ pool: dying })
        .catchUp()
        .then(() => false, () => true); // prettier-ignore
      const second = bench.engine();
      await second.catchUp();
      expect(await newest()).toMatchObject({ generation: at + 1, state: 'live', position: '4' });
      expect(await bench.dump(await bench.live('notes'))).toEqual(before);
      await bench.engine({ dropAfterMs: 0 }).tidy();
      if (!died) expect(at).toBeGreaterThan(20);
    }
  }, 240_000);
});
