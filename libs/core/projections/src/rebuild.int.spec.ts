import { Client } from 'pg';
import * as z from 'zod';
import { projection, when } from './projection.js';
import { put, tableOf } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { noteAdded, noteRow, notes, notesImported, notesProjection, noteStaged, noteWritten, trailProjection } from './testing/notes.js'; // prettier-ignore

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const staging = `testing.import-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: null });

/** The next version of `notes`, with a further column and without a table. */
const newNotes = tableOf('notes', noteRow.extend({ length: z.int() }), ['noteId']);
const nextVersion = projection({
  name: 'notes',
  version: 2,
  tables: [newNotes],
  on: [
    when(noteWritten, (e) => [
      put(newNotes, {
        ...e.data,
        changes: 0,
        recordedAt: e.recordedAt,
        tags: [e.data.text],
        length: e.data.text.length,
      }),
    ]),
  ],
});

describe('a rebuild', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await bench.log.record(tenant, staging, ...['x', 'y'].map((noteId) => noteStaged.of({ noteId, text: '', amount: '2', day: null }))); // prettier-ignore
    await bench.log.record(tenant, stream, written('a'), noteAdded.of({ noteId: 'a', amount: '0.5' }), written('b'));
    await bench.log.record(tenant, stream, notesImported.of({ stream: staging, count: 2 }));
    await bench.engine().catchUp();
  });
  afterEach(() => bench.end());
  const schemas = async () =>
    (await bench.pool.query<{ s: string }>(`select nspname as s from pg_namespace where nspname ~ '^rm_' order by 1`)).rows.map((r) => r.s); // prettier-ignore

  it('of the same version is built beside the live one, compared, switched live, and the old schema is dropped', async () => {
    const before = await bench.dump('rm_notes_v1_g1');
    const engine = bench.engine({ dropAfterMs: 0 });
    await engine.rebuild('notes');
    expect((await engine.status())[1]).toMatchObject({ state: 'building', rebuild: { done: '0' } });
    await engine.catchUp();
    expect((await engine.status()).map((s) => [s.name, s.generation, s.state])).toEqual([
      ['notes', 1, 'retired'],
      ['notes', 2, 'live'],
      ['trail', 1, 'live'],
    ]);
    expect((await engine.status())[1]!.comparison).toEqual({
      with: 'rm_notes_v1_g1',
      position: '6',
      equal: true,
      tables: { notes: { rows: 5, missing: 0, added: 0 }, totals: { rows: 4, missing: 0, added: 0 } },
    });
    expect(await bench.dump('rm_notes_v1_g2')).toEqual(before);
    engine.start();
    while ((await schemas()).length > 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.stop();
    expect(await schemas()).toEqual(['rm_notes_v1_g2', 'rm_trail_v1_g1']);
  });

  it('that differs from the live one is shown and not switched live', async () => {
    await bench.pool.query(`update rm_notes_v1_g1.notes set amount = 7 where "noteId" = 'b'`);
    const engine = bench.engine();
    await engine.rebuild('notes');
    await engine.catchUp();
    expect((await engine.status()).map((s) => [s.name, s.generation, s.state])).toEqual([
      ['notes', 1, 'live'],
      ['notes', 2, 'differs'],
      ['trail', 1, 'live'],
    ]);
    expect((await engine.status())[1]!.comparison).toMatchObject({ equal: false, tables: { notes: { missing: 1, added: 1 } } }); // prettier-ignore
  });

  it('builds a changed version from the start and switches to it', async () => {
    const next = bench.engine({ projections: [nextVersion, trailProjection] });
    await next.catchUp();
    const { rows } = await bench.pool.query('select "noteId", length from rm_notes_v2_g2.notes order by 1');
    expect(rows).toEqual([
      { noteId: 'a', length: 1 },
      { noteId: 'b', length: 1 },
    ]);
    expect(await bench.live('notes')).toBe('rm_notes_v2_g2');
  });

  it('of a new version is prepared by a standby, and goes live without a gap when the leader stops', async () => {
    const [old, next] = [bench.engine(), bench.engine({ projections: [nextVersion, trailProjection] })];
    const notesOf = async () => (await old.status()).filter((s) => s.name === 'notes');
    const until = async (done: () => Promise<boolean>) => {
      while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    old.start();
    await bench.log.record(tenant, stream, written('c'));
    await until(async () => (await notesOf())[0]!.position === '7');
    next.start();
    await until(async () => (await notesOf()).some((s) => s.version === 2 && s.position === '7'));
    expect((await notesOf()).map((s) => s.state)).toEqual(['live', 'building']);
    await bench.log.record(tenant, stream, written('d'));
    await until(async () => (await notesOf())[0]!.position === '8');
    await old.stop();
    await bench.log.record(tenant, stream, written('e'));
    await until(async () => (await notesOf()).some((s) => s.version === 2 && s.state === 'live' && s.position === '9'));
    await next.stop();
    expect((await notesOf()).map((s) => [s.version, s.state, s.position])).toEqual([
      [1, 'retired', '8'],
      [2, 'live', '9'],
    ]);
    const { rows } = await bench.pool.query('select "noteId" from rm_notes_v2_g2.notes order by 1');
    expect(rows.map((r) => r.noteId)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('treats a changed row schema as a new version', async () => {
    const changed = { ...notesProjection, tables: [{ ...notes, indexes: [] }, ...notesProjection.tables.slice(1)] };
    const on = notesProjection.on;
    expect(changed.tables[0]).not.toBe(notes);
    await bench.engine({ projections: [{ ...changed, on }, trailProjection] }).catchUp();
    expect((await bench.engine().status()).map((s) => [s.name, s.generation, s.state])).toContainEqual([
      'notes',
      2,
      'live',
    ]);
  });

  it('joins the group at its position while new events arrive', async () => {
    const engine = bench.engine({ batch: 3 });
    engine.start();
    for (let n = 0; n < 60; n++) {
      if (n === 20) await engine.rebuild('notes');
      await bench.log.record(tenant, stream, written(`n${n}`));
    }
    const settled = async () => {
      const [first, second] = (await engine.status()).filter((s) => s.name === 'notes');
      return first?.state === 'retired' && second?.state === 'live' && second.lag.events === '0';
    };
    while (!(await settled())) await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.stop();
    const { rows } = await bench.pool.query('select count(*)::int as n from rm_notes_v1_g2.notes');
    expect(rows).toEqual([{ n: 64 }]);
  });

  it('restores deleted read models byte for byte', async () => {
    const before = [await bench.dump('rm_notes_v1_g1'), await bench.dump('rm_trail_v1_g1')];
    const admin = new Client({ connectionString: bench.database.adminUrl });
    await admin.connect();
    for (const schema of await schemas()) await admin.query(`drop schema ${schema} cascade`);
    await admin.query('delete from projections.generation');
    await admin.end();
    expect(await schemas()).toEqual([]);
    await bench.engine().catchUp();
    expect([await bench.dump('rm_notes_v1_g1'), await bench.dump('rm_trail_v1_g1')]).toEqual(before);
  });

  it('starts again when somebody drops a schema under the running engine', async () => {
    const before = await bench.dump('rm_notes_v1_g1');
    const engine = bench.engine();
    engine.start();
    const admin = new Client({ connectionString: bench.database.adminUrl });
    await admin.connect();
    await admin.query('drop schema rm_notes_v1_g1 cascade');
    await admin.end();
    await bench.log.record(tenant, stream, written('after'));
    const back = async () => (await engine.status()).every((s) => s.state === 'live' && s.lag.events === '0');
    while (!(await back()) || (await schemas()).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await engine.stop();
    expect(await bench.dump('rm_notes_v1_g1')).toEqual(
      expect.arrayContaining(before.filter((r) => r.startsWith('notes'))),
    );
  });
});
