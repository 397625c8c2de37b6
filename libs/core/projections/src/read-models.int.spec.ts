import { orm, inOneTrip } from '@daybook/postgres';
import { type RejectionError } from '@daybook/kernel';
import { sql } from 'kysely';
import { Client } from 'pg';
import type { ReadContext, ReadDatabase } from './read-context.js';
import { ReadModels } from './read-models.js';
import { type Bench, openBench } from './testing/engine.js';
import { broken, noteAdded, noteBroken, noteRemoved, notes, notesProjection, noteWritten, totals, trailProjection } from './testing/notes.js'; // prettier-ignore

const [anna, bert] = ['0190a1b2-0000-7000-8000-00000000a001', '0190a1b2-0000-7000-8000-00000000b001'];
const stream = (tenant: string) => `testing.note-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: '2026-03-31' });

describe('a read', () => {
  let bench: Bench;
  let reads: ReadModels;
  let db: () => ReadDatabase;
  let close: () => Promise<void>;
  beforeAll(async () => {
    broken.fixed = false;
    bench = await openBench();
    const mikro = await orm(bench.database.apiUrl, { max: 4, application: 'reads spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    reads = new ReadModels({
      projections: [notesProjection, trailProjection],
      head: () => bench.log.head(),
    });
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });
  const ids = async ({ db, rows }: ReadContext) =>
    (await db.selectFrom(rows(notes).as('n')).select(['n.noteId', 'n.amount', 'n.day']).orderBy('n.noteId').execute()).map((r) => `${r.noteId} ${r.amount}`); // prettier-ignore
  const at = (tenant: string, knownAt: string | null) => reads.read(db(), tenant, knownAt, ids);
  const refused = (work: Promise<unknown>) =>
    work.then(
      () => 'not refused',
      (e: RejectionError) => `${e.rejection.status} ${e.rejection.code}`,
    );

  it('is refused before anything is built', async () => {
    await expect(refused(at(anna, null))).resolves.toBe('503 platform.projection-building');
  });

  it('sees the current rows of its own tenant', async () => {
    await bench.log.record(anna, stream(anna), written('a')); // position 1, trail 1
    await bench.log.record(bert, stream(bert), written('b')); // 2
    await bench.log.record(anna, stream(anna), noteAdded.of({ noteId: 'a', amount: '1' })); // 3, trail 2
    await bench.log.record(anna, stream(anna), noteRemoved.of({ noteId: 'a' })); // 4, trail 3
    await bench.log.record(anna, stream(anna), written('c')); // 5, trail 4
    await bench.log.record(bert, stream(bert), written('d')); // 6
    await bench.engine().catchUp();
    expect(await at(anna, null)).toEqual(['c 1.5000']);
    expect(await at(bert, null)).toEqual(['b 1.5000', 'd 1.5000']);
    expect(await reads.position(db())).toBe(6n);
  });

  it.each([
    ['0', []],
    ['1', ['a 1.5000']],
    ['2', ['a 2.5000']],
    ['3', []],
    ['4', ['c 1.5000']],
    ['position:2', ['a 1.5000']],
    ['position:3', ['a 2.5000']],
    ['2026-01-01T00:00:03Z', ['a 2.5000']],
    ['2026-01-01T01:00:03.5+01:00', ['a 2.5000']],
    ['2025-12-31T00:00:00Z', []],
  ])('known at %s gives the rows of that moment', async (knownAt, expected) => {
    expect(await at(anna, knownAt)).toEqual(expected);
  });

  it("is stamped with the tenant's last event, and gives the same answer for the same stamp", async () => {
    const stamped = (knownAt: string | null) => reads.read(db(), anna, knownAt, async (read) => ({ stamp: read.stamp, ids: await ids(read), past: read.past })); // prettier-ignore
    const now = await stamped(null);
    expect(now).toEqual({ stamp: { trail: '4', position: '5', recordedAt: '2026-01-01T00:00:05Z' }, ids: ['c 1.5000'], past: false }); // prettier-ignore
    expect(await stamped(now.stamp.trail)).toEqual({ ...now, past: true });
    expect((await stamped('position:4')).stamp.trail).toBe('3');
    expect((await stamped('2025-12-31T00:00:00Z')).stamp).toEqual({ trail: '0', position: '0', recordedAt: null });
  });

  it.each([
    ['5', '400 platform.known-at-not-found'],
    ['position:7', '400 platform.known-at-not-found'],
    ['2999-01-01T00:00:00Z', '400 platform.known-at-not-found'],
    ['yesterday', '400 platform.known-at-invalid'],
    ['2026-13-01T00:00:00Z', '400 platform.known-at-invalid'],
  ])('known at %s is refused: %s', async (knownAt, expected) => {
    await expect(refused(at(anna, knownAt))).resolves.toBe(expected);
  });

  it('known at an instant is refused until all events up to it are projected', async () => {
    await bench.log.record(bert, stream(bert), written('e'));
    await expect(refused(at(anna, '2026-01-01T00:00:06Z'))).resolves.toBe('503 platform.read-model-behind');
    expect(await at(anna, '2026-01-01T00:00:05Z')).toEqual(['c 1.5000']);
    await bench.engine().catchUp();
    expect(await at(anna, '2026-01-01T00:00:06Z')).toEqual(['c 1.5000']);
  });

  it('gives rows of another tenant by their ids, in its own snapshot, and of that tenant alone', async () => {
    const of = (wanted: readonly string[]) =>
      reads.read(db(), anna, null, async (read) => {
        const others = read.db
          .selectFrom(read.elsewhere(bert, notes, sql`${wanted}::text[]`).as('n'))
          .select('n.noteId');
        const [own, theirs, still] = await inOneTrip(
          read.db,
          read.db.selectFrom(read.rows(notes).as('n')).select('n.noteId'),
          others.orderBy('n.noteId'),
          read.db.selectFrom(read.rows(notes).as('n')).select('n.noteId'),
        );
        expect(still).toEqual(own);
        return theirs.map(({ noteId }) => noteId);
      });
    expect(await of(['b', 'c', 'd'])).toEqual(['b', 'd']);
    expect(await of([])).toEqual([]);
  });

  it('stays in its snapshot while the projector continues', async () => {
    await reads.read(db(), bert, null, async (read) => {
      const before = await ids(read);
      await bench.log.record(bert, stream(bert), written('f'));
      await bench.engine().catchUp();
      expect(await ids(read)).toEqual(before);
      const [total] = await read.db.selectFrom(read.rows(totals).as('t')).select('t.count').execute();
      expect(total!.count).toBe(before.length);
    });
  });

  it('sees no other tenant in plain SQL either, and cannot write', async () => {
    const client = new Client({ connectionString: bench.database.apiUrl });
    await client.connect();
    const count = async () => (await client.query('select count(*)::int as n from rm_notes_v1_g1.notes')).rows[0].n;
    expect(await count()).toBe(0);
    await client.query(`set daybook.tenant = '${anna}'`);
    expect(await count()).toBe(1);
    await expect(client.query('delete from rm_notes_v1_g1.notes')).rejects.toThrow(/permission denied/);
    await expect(client.query('update projections.checkpoint set position = 0')).rejects.toThrow(/permission denied/);
    await expect(client.query(`select projections.drop_schema('rm_notes_v1_g1')`)).rejects.toThrow(/permission denied/);
    await client.end();
  });

  it('is refused for a parked tenant, except before the event it stopped at', async () => {
    await bench.log.record(anna, stream(anna), noteBroken.of({ noteId: 'c' }));
    await bench.engine().catchUp();
    await expect(refused(at(anna, null))).resolves.toBe('503 platform.projection-parked');
    const elsewhere = ({ db, elsewhere }: ReadContext) =>
      db
        .selectFrom(elsewhere(anna, notes, sql`array['a']`).as('n'))
        .select('n.noteId')
        .execute();
    await expect(refused(reads.read(db(), bert, null, elsewhere))).resolves.toBe('503 platform.projection-parked');
    expect(await at(anna, '4')).toEqual(['c 1.5000']);
    expect(await at(bert, null)).toHaveLength(4);
  });
});
