import { orm } from '@daybook/postgres';
import { type RejectionError } from '@daybook/kernel';
import * as z from 'zod';
import { covers, contractOf } from './table-contract.js';
import { projection, type Projection, when } from './projection.js';
import type { ReadDatabase } from './read-context.js';
import { ReadModels } from './read-models.js';
import { put, type TableDeclaration, tableOf } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { noteRow, notes, notesProjection, noteWritten, totals, trailProjection } from './testing/notes.js';

/* Two versions at once: the API of one with the projector of the other, in both orders. */
const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: null });

const versionOf = (
  version: number,
  notesTable: TableDeclaration,
  more: readonly TableDeclaration[],
  extra: object,
): Projection =>
  projection({
    name: 'notes',
    version,
    tables: [notesTable, ...more],
    on: [
      when(noteWritten, ({ data, recordedAt }) => [
        put(notesTable, { ...data, changes: 0, recordedAt, tags: [data.text], ...extra }),
      ]),
    ],
  });
const wider = tableOf('notes', noteRow.extend({ length: z.int() }), ['noteId']);
/** Tables with different rows in one list. */
const plain = (table: object): TableDeclaration => table as TableDeclaration;
/** A further column: programs of the earlier version can read it. */
const compatible = versionOf(2, plain(wider), [plain(totals)], {
  length: 1,
});
/** Without one table. */
const incompatible = versionOf(2, plain(wider), [], { length: 1 });

describe('during a rolling upgrade', () => {
  let bench: Bench;
  let db: () => ReadDatabase;
  let close: () => Promise<void>;
  let now: Date;
  beforeEach(async () => {
    bench = await openBench();
    const mikro = await orm(bench.database.apiUrl, { max: 4, application: 'rolling spec' });
    close = () => mikro.close();
    db = () => mikro.em.fork().getKysely<object>();
    now = new Date();
    await bench.log.record(tenant, stream, written('a'));
    await projector(notesProjection).catchUp();
  });
  afterEach(async () => {
    await close();
    await bench.end();
  });
  const projector = (of: Projection) => bench.engine({ projections: [of, trailProjection], now: () => now });
  const api = (of: Projection) => {
    const models = new ReadModels({ projections: [of, trailProjection], head: () => bench.log.head(), now: () => now });
    const read = <T>(work: Parameters<typeof models.read<T>>[3], knownAt: string | null = null) =>
      models
        .read(db(), tenant, knownAt, work)
        .catch((e: RejectionError) => `${e.rejection.status} ${e.rejection.code}`);
    return {
      ids: (knownAt: string | null = null, table: typeof notes = notes) =>
        read(
          async ({ db, rows, stamp, position }) => ({
            ids: (await db.selectFrom(rows(table).as('n')).select('n.noteId').orderBy('n.noteId').execute()).map(
              (r) => r.noteId,
            ),
            trail: stamp.trail,
            position,
          }),
          knownAt,
        ),
      trail: () => read(async ({ stamp }) => stamp.trail),
      position: () => models.position(db()),
      missing: () => models.missing(db()),
    };
  };

  it("an older API reads a newer projector's rows when they have all its columns", async () => {
    const old = api(notesProjection);
    await projector(compatible).catchUp();
    await bench.log.record(tenant, stream, written('b'));
    await projector(compatible).catchUp();
    expect(await old.ids()).toEqual({ ids: ['a', 'b'], trail: '2', position: 2n });
    expect([await old.position(), await old.missing()]).toEqual([2n, []]);
  });

  it('an older API without its version answers as of the switch for a minute, then 503', async () => {
    const old = api(notesProjection);
    const newer = projector(incompatible);
    await newer.catchUp();
    await bench.log.record(tenant, stream, written('b'));
    await newer.catchUp();
    now = new Date(now.getTime() + 55_000);
    expect(await old.ids()).toEqual({ ids: ['a'], trail: '1', position: 1n });
    expect(await old.ids('position:1')).toEqual({ ids: ['a'], trail: '1', position: 1n });
    expect(await old.ids('position:2')).toBe('503 platform.read-model-behind');
    // A caller who wrote after the switch and waits for it does not get rows from before.
    expect([await old.position(), await old.missing()]).toEqual([1n, []]);
    now = new Date(now.getTime() + 10_000);
    expect(await old.ids()).toBe('503 platform.projection-building');
    expect(await old.missing()).toEqual(['notes']);
    expect(await old.trail()).toBe('2');
    expect([await api(incompatible).ids(null, wider)]).toEqual([{ ids: ['a', 'b'], trail: '2', position: 2n }]);
  });

  it('a retired generation is readable for a minute, and dropped a minute later', async () => {
    const newer = projector(incompatible);
    await newer.catchUp();
    const retired = async () => (await newer.status()).filter(({ state }) => state === 'retired').length;
    now = new Date(now.getTime() + 55_000);
    await newer.tidy();
    expect(await retired()).toBe(1);
    // A read that chose it at the last moment may use it for another minute.
    now = new Date(now.getTime() + 10_000);
    await newer.tidy();
    expect(await retired()).toBe(1);
    now = new Date(now.getTime() + 60_000);
    await newer.tidy();
    expect(await retired()).toBe(0);
  });

  it("a newer API reads an older projector's rows where they suffice, and answers 503 where they do not", async () => {
    const narrower = tableOf('notes', noteRow.omit({ tags: true }), ['noteId']);
    const enough = versionOf(2, plain(narrower), [], {});
    const newer = api(enough);
    expect(await newer.ids(null, narrower as unknown as typeof notes)).toEqual({
      ids: ['a'],
      trail: '1',
      position: 1n,
    });
    expect(await newer.missing()).toEqual([]);
    const wanting = api(compatible);
    expect(await wanting.ids(null, wider)).toBe('503 platform.projection-building');
    expect([await wanting.missing(), await wanting.trail()]).toEqual([['notes'], '1']);
    await projector(compatible).catchUp();
    expect(await wanting.missing()).toEqual([]);
    expect(await wanting.ids(null, wider)).toMatchObject({ ids: ['a'] });
  });

  it.each([
    ['other keys', tableOf('notes', noteRow, ['noteId', 'text'])],
    ['a column of another kind', tableOf('notes', noteRow.extend({ changes: z.string() }), ['noteId'])],
    ['a column that may be empty now', tableOf('notes', noteRow.extend({ text: z.string().nullable() }), ['noteId'])],
    ['other JSON in a column', tableOf('notes', noteRow.extend({ tags: z.array(z.int()) }), ['noteId'])],
    ['no past', tableOf('notes', noteRow, ['noteId'], { history: 'append-only' })],
  ])('a table with %s is not read instead', async (_, table) => {
    const { rows } = await bench.pool.query(`select tables from projections.generation where name = 'notes'`);
    const wanted = [contractOf(plain(notes))];
    expect(covers(rows[0].tables, wanted)).toBe(true);
    expect(covers([contractOf(plain(table))], wanted)).toBe(false);
  });
});
