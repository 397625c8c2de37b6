import fc from 'fast-check';
import { nameId, type RecordedEvent } from '@daybook/kernel';
import { onRoundTrip } from '@daybook/postgres/round-trips';
import { type Bench, openBench } from './testing/engine.js';
import { recorded, rowsAfter } from './testing/given.js';
import {
  broken,
  noteAdded,
  noteBroken,
  noteEvents,
  noteRemoved,
  notesImported,
  notesProjection,
  noteStaged,
  noteWritten,
} from './testing/notes.js';

const [anna, bert] = ['0190a1b2-0000-7000-8000-00000000a001', '0190a1b2-0000-7000-8000-00000000b001'];
const stream = (tenant: string) => `testing.note-${tenant}-1`;
const staging = (tenant: string, n: number) => `testing.import-${tenant}-${n}`;
const written = (noteId: string, amount = '1.50') =>
  noteWritten.of({ noteId, text: `Note ${noteId}`, amount, day: '2026-03-31' });
const added = (noteId: string, amount: string) => noteAdded.of({ noteId, amount });

describe('the projection engine', () => {
  let bench: Bench;
  beforeEach(async () => {
    broken.fixed = false;
    bench = await openBench();
  });
  afterEach(() => bench.end());

  it('keeps rows and past versions of each, one version per event, also within a batch', async () => {
    await bench.log.record(anna, stream(anna), written('a'), added('a', '2'), added('a', '0.25'));
    await bench.engine().catchUp();
    const schema = await bench.live('notes');
    const { rows } = await bench.pool.query(
      `select valid_from, null as valid_to, amount, changes from ${schema}.notes
       union all select valid_from, valid_to, amount, changes from ${schema}.notes_history order by 1`,
    );
    expect(rows).toEqual([
      { valid_from: '1', valid_to: '2', amount: '1.5000', changes: 0 },
      { valid_from: '2', valid_to: '3', amount: '3.5000', changes: 1 },
      { valid_from: '3', valid_to: null, amount: '3.7500', changes: 2 },
    ]);
  });

  it('looks up the counters of all tenants of a batch in one query', async () => {
    await bench.log.record(anna, stream(anna), written('a'));
    await bench.engine().catchUp();
    const tenants = Array.from({ length: 20 }, (_, n) => nameId(anna, String(n)));
    for (const tenant of [anna, ...tenants]) await bench.log.record(tenant, stream(tenant), written('b'), written('c'));
    const asked: string[] = [];
    const stop = onRoundTrip(({ text }) => void (/select[^;]* from [^;]*_counter/.test(text) && asked.push(text)));
    await bench.engine().advanceNow();
    stop();
    expect(asked).toHaveLength(1);
    const { rows } = await bench.pool.query(
      `select tenant, max(trail::int) as last from ${await bench.live('trail')}.trail group by tenant`,
    );
    expect(rows).toHaveLength(21);
    expect(rows.every(({ tenant, last }) => last === (tenant === anna ? 3 : 2))).toBe(true);
  });

  it('counts every event once, however often it is started', async () => {
    await bench.log.record(anna, stream(anna), written('a'), added('a', '2'));
    for (let n = 0; n < 3; n++) await bench.engine().catchUp();
    await bench.log.record(anna, stream(anna), added('a', '2'));
    await Promise.allSettled([bench.engine().catchUp(), bench.engine().catchUp()]);
    await bench.engine().catchUp();
    const { rows } = await bench.pool.query(`select total, count from ${await bench.live('notes')}.totals`);
    expect(rows).toEqual([{ total: '5.5000', count: 1 }]);
  });

  it('writes nothing while there is no space, and goes on from there', async () => {
    let open = (): void => undefined;
    let space: Promise<void> = Promise.resolve();
    let asked = 0;
    const engine = bench.engine({ beforeWriting: () => (asked++, space) });
    await bench.log.record(anna, stream(anna), written('a'));
    await engine.catchUp();
    space = new Promise((done) => (open = done));
    await bench.log.record(anna, stream(anna), added('a', '2'));
    const before = asked;
    const caughtUp = engine.catchUp();
    while (asked === before) await new Promise((next) => setTimeout(next, 10));
    const amounts = async () => (await bench.pool.query(`select amount from ${await bench.live('notes')}.notes`)).rows;
    expect(await amounts()).toEqual([{ amount: '1.5000' }]);
    open();
    await caughtUp;
    expect(await amounts()).toEqual([{ amount: '3.5000' }]);
  });

  it('numbers the events of each tenant by themselves', async () => {
    for (const tenant of [anna, bert, anna]) await bench.log.record(tenant, stream(tenant), written(String(bench.log.events.length))); // prettier-ignore
    await bench.engine({ batch: 1 }).catchUp();
    const { rows } = await bench.pool.query(
      `select tenant, trail, valid_from from ${await bench.live('trail')}.trail order by valid_from`,
    );
    expect(rows.map((r) => `${r.tenant === anna ? 'anna' : 'bert'} ${r.trail}`)).toEqual([
      'anna 1',
      'bert 1',
      'anna 2',
    ]);
  });

  it('parks one projection for one tenant at an event that fails, and goes on with everything else', async () => {
    await bench.log.record(anna, stream(anna), written('a'), noteBroken.of({ noteId: 'a' }), written('b'));
    await bench.log.record(bert, stream(bert), written('c'));
    const engine = bench.engine();
    await engine.catchUp();
    const { rows } = await bench.pool.query(`select "noteId" from ${await bench.live('notes')}.notes order by 1`);
    expect(rows.map((r) => r.noteId)).toEqual(['a', 'c']);
    const [notes, trail] = await engine.status();
    expect(notes).toMatchObject({
      state: 'live',
      position: '4',
      lag: { events: '0', seconds: 0 },
      parked: [{ tenant: anna, type: 'testing.note-broken.v1', position: '2', error: 'a is broken', tries: 1 }],
    });
    expect(trail).toMatchObject({ name: 'trail', parked: [] });
  });

  it('says in the log that it parked a tenant, and why', async () => {
    const said: [string, unknown][] = [];
    await bench.log.record(anna, stream(anna), written('a'), noteBroken.of({ noteId: 'a' }), written('b'));
    await bench.engine({ log: (event, fields) => said.push([event, fields]) }).catchUp();
    const fields = { projection: 'notes', tenant: anna, position: '2', eventType: 'testing.note-broken.v1', error: 'a is broken' }; // prettier-ignore
    expect(said).toEqual([['projection.parked', fields]]);
  });

  it('continues a parked tenant where it stopped, and comes out as if nothing had happened', async () => {
    await bench.log.record(anna, stream(anna), written('a'), noteBroken.of({ noteId: 'a' }), written('b'), added('b', '1')); // prettier-ignore
    const engine = bench.engine({ batch: 2 });
    await engine.catchUp();
    expect(await engine.retry('notes', anna)).toBe(false);
    expect((await engine.status())[0]!.parked[0]!.tries).toBe(2);
    broken.fixed = true;
    expect(await engine.retry('notes', anna)).toBe(true);
    expect((await engine.status())[0]!.parked).toEqual([]);
    await bench.log.record(anna, stream(anna), added('a', '7'));
    await engine.catchUp();
    const live = await bench.dump(await bench.live('notes'));
    await engine.rebuild('notes');
    await engine.catchUp();
    expect(await bench.live('notes')).toBe('rm_notes_v1_g2');
    expect(await bench.dump('rm_notes_v1_g2')).toEqual(live);
  });

  it('finds the event that the database refuses among those of a batch', async () => {
    await bench.log.record(anna, stream(anna), written('a'), written('b'));
    await bench.log.record(bert, stream(bert), written('c', '99999999999999999'), written('d'));
    await bench.log.record(anna, stream(anna), written('e'));
    const engine = bench.engine();
    await engine.catchUp();
    expect((await engine.status())[0]!.parked).toMatchObject([{ tenant: bert, position: '3', error: expect.stringMatching(/overflow/) }]); // prettier-ignore
    const { rows } = await bench.pool.query(`select "noteId" from ${await bench.live('notes')}.notes order by 1`);
    expect(rows.map((r) => r.noteId)).toEqual(['a', 'b', 'e']);
  });

  describe('with staged events', () => {
    const stage = async (tenant: string, n: number, ...ids: string[]) =>
      void (await bench.log.record(tenant, staging(tenant, n), ...ids.map((id) => noteStaged.of({ noteId: id, text: id, amount: '1', day: null })))); // prettier-ignore

    it('lets them count for nothing until they are applied, then all at the position that applies them', async () => {
      await stage(anna, 1, 'x', 'y');
      const engine = bench.engine();
      await engine.catchUp();
      expect(await bench.dump(await bench.live('notes'))).toEqual([]);
      await bench.log.record(anna, stream(anna), notesImported.of({ stream: staging(anna, 1), count: 2 }));
      await engine.catchUp();
      const { rows } = await bench.pool.query(
        `select "noteId", valid_from, "recordedAt" from ${await bench.live('notes')}.notes order by 1`,
      );
      const at = bench.log.events.at(-1)!.recordedAt.replace('.000Z', 'Z');
      expect(rows).toEqual(['x', 'y'].map((noteId) => ({ noteId, valid_from: '3', recordedAt: at })));
      const { rows: kept } = await bench.pool.query(`select count(*) from ${await bench.live('notes')}.totals_history`);
      expect(kept).toEqual([{ count: '0' }]);
    });

    it('parks when their number is not the one that was pinned, and keeps none of them', async () => {
      await stage(anna, 1, 'x', 'y');
      await bench.log.record(
        anna,
        stream(anna),
        written('a'),
        notesImported.of({ stream: staging(anna, 1), count: 3 }),
      );
      const engine = bench.engine();
      await engine.catchUp();
      expect((await engine.status())[0]!.parked[0]!.error).toMatch(/holds 2 staged events; .* applies 3/);
      const { rows } = await bench.pool.query(`select "noteId" from ${await bench.live('notes')}.notes`);
      expect(rows).toEqual([{ noteId: 'a' }]);
    });

    it("never applies another tenant's stream", async () => {
      await stage(bert, 1, 'x');
      await bench.log.record(anna, stream(anna), notesImported.of({ stream: staging(bert, 1), count: 1 }));
      const engine = bench.engine();
      await engine.catchUp();
      expect((await engine.status())[0]!.parked[0]!.error).toMatch(/not a stream of this tenant/);
    });

    it('applies 50,000 in one transaction and in bounded memory', async () => {
      const size = 50_000;
      for (let n = 0; n < size; n += 1000) await stage(anna, 1, ...Array.from({ length: 1000 }, (_, i) => `n${n + i}`));
      const engine = bench.engine({ batch: 1000 });
      await engine.catchUp();
      await bench.log.record(anna, stream(anna), notesImported.of({ stream: staging(anna, 1), count: size }));
      let largest = 0;
      const watched = new Proxy(bench.pool, {
        get: (pool, name) =>
          name !== 'connect'
            ? Reflect.get(pool, name).bind(pool)
            : async () => {
                const client = await pool.connect();
                const query = (sql: string, values?: unknown[]) => {
                  for (const value of values ?? []) largest = Math.max(largest, String(value).length);
                  return client.query(sql, values);
                };
                return { query, release: (broken?: Error) => client.release(broken) };
              },
      });
      await bench.engine({ pool: watched }).catchUp();
      const { rows } = await bench.pool.query(
        `select count(*)::int as n, count(distinct xmin::text)::int as transactions, count(distinct valid_from)::int as positions
         from ${await bench.live('notes')}.notes`,
      );
      expect(rows).toEqual([{ n: size, transactions: 1, positions: 1 }]);
      // Only the rows of one statement are in memory at a time: about 2,000 notes of 150 bytes, never all.
      expect(largest).toBeLessThan(700_000);
    }, 120_000);
  });

  describe('by property', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), id, tenant: fc.constantFrom(anna, bert) }),
      fc.record({ kind: fc.constant('add' as const), id, tenant: fc.constantFrom(anna, bert) }),
      fc.record({ kind: fc.constant('remove' as const), id, tenant: fc.constantFrom(anna, bert) }),
      fc.record({ kind: fc.constant('import' as const), id, tenant: fc.constantFrom(anna, bert) }),
    );
    const steps = fc.array(step, { minLength: 1, maxLength: 25 });
    type Step = typeof steps extends fc.Arbitrary<infer S> ? S : never;

    async function play(bench: Bench, all: Step) {
      for (const { kind, id, tenant } of all) {
        const n = bench.log.events.length;
        if (kind === 'write') await bench.log.record(tenant, stream(tenant), written(id, `${n}.10`));
        if (kind === 'add') await bench.log.record(tenant, stream(tenant), added(id, `0.${n + 10}`));
        if (kind === 'remove') await bench.log.record(tenant, stream(tenant), noteRemoved.of({ noteId: id }));
        if (kind === 'import') {
          const staged = [id, 'z', id].map((noteId) => noteStaged.of({ noteId, text: 's', amount: '1', day: null }));
          await bench.log.record(tenant, staging(tenant, n), ...staged);
          await bench.log.record(tenant, stream(tenant), notesImported.of({ stream: staging(tenant, n), count: 3 }));
        }
      }
    }
    const withBench = async (work: (bench: Bench) => Promise<void>) => {
      const fresh = await openBench();
      await work(fresh).finally(() => fresh.end());
    };

    it('gives the same rows and past versions whatever the size of a batch', async () => {
      await fc.assert(
        fc.asyncProperty(steps, fc.integer({ min: 1, max: 7 }), (all, batch) =>
          withBench(async (one) => {
            await one.engine().catchUp(); // an empty group, so that the events below go through the live path
            await play(one, all);
            await one.engine({ batch }).catchUp();
            const live = await one.dump(await one.live('notes'));
            const parked = (await one.engine().status())[0]!.parked.map((p) => [p.tenant, p.position]);
            await one.engine().rebuild('notes');
            await one.engine().catchUp();
            const [rebuilt] = (await one.engine().status()).filter((s) => s.generation === 2 && s.name === 'notes');
            expect(rebuilt!.state).toBe('live');
            expect(rebuilt!.parked.map((p) => [p.tenant, p.position])).toEqual(parked);
            expect(await one.dump(await one.live('notes'))).toEqual(live);
          }),
        ),
        { numRuns: 15 },
      );
    }, 120_000);

    it('knows the rows of every earlier position as they were when it was the head, and agrees with the pure fold', async () => {
      await fc.assert(
        fc.asyncProperty(steps, (all) =>
          withBench(async (one) => {
            const possible = all.filter((s) => s.kind === 'write' || s.kind === 'import');
            await one.engine().catchUp();
            const heads: { position: bigint; rows: string[] }[] = [];
            for (const single of possible) {
              await play(one, [single]);
              await one.engine().catchUp();
              heads.push({ position: await one.log.head(), rows: await rowsAt(one, null) });
            }
            for (const { position, rows } of heads) expect(await rowsAt(one, position)).toEqual(rows);
            for (const tenant of [anna, bert]) {
              const pure = rowsAfter(notesProjection, eventsOf(one, tenant));
              const { rows } = await one.pool.query(
                `select "noteId", trim_scale(amount)::text as amount from ${await one.live('notes')}.notes where tenant = $1 order by 1`,
                [tenant],
              );
              expect(pure['notes']!.map((r) => ({ noteId: r['noteId'], amount: r['amount'] }))).toEqual(rows);
            }
          }),
        ),
        { numRuns: 8 },
      );
    }, 120_000);

    async function rowsAt(one: Bench, position: bigint | null): Promise<string[]> {
      const schema = await one.live('notes');
      const at = position === null ? '' : `where valid_from <= ${position}`;
      const past = position === null ? '' : `union all select tenant, "noteId", amount, valid_from from ${schema}.notes_history where valid_from <= ${position} and valid_to > ${position}`; // prettier-ignore
      const { rows } = await one.pool.query<{ row: string }>(
        `select r::text as row from (select tenant, "noteId", amount, valid_from from ${schema}.notes ${at} ${past}) r order by 1`,
      );
      return rows.map((r) => r.row);
    }
    const eventsOf = (one: Bench, tenant: string): RecordedEvent[] =>
      one.log.events
        .filter((e) => e.meta.tenant === tenant)
        .map(({ type, data, ...rest }) => recorded(noteEvents.find((d) => type.startsWith(`${d.name}.v`))!, data as never, rest)); // prettier-ignore
  });
});
