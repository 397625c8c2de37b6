import { orm } from '@daybook/postgres';
import { personal } from '@daybook/kernel';
import { Client } from 'pg';
import * as z from 'zod';
import { checkedGroup } from './group-change.js';
import { projection, when } from './projection.js';
import { ReadModels } from './read-models.js';
import { patch, patchAll, put, tableOf, type TableChange } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { broken, noteAdded, noteBroken, noteRemoved, noteWritten } from './testing/notes.js';

const [anna, bert] = ['0190a1b2-0000-7000-8000-00000000a001', '0190a1b2-0000-7000-8000-00000000b001'];
const stream = (tenant: string) => `testing.note-${tenant}-1`;
const shelfRow = z.object({ noteId: z.string(), shelf: z.string(), closed: z.boolean(), changes: z.int() });
const shelved = tableOf('shelved', shelfRow, ['noteId'], { indexes: [['shelf', 'noteId']] });
const close = (shelf: string): TableChange => patchAll(shelved, { shelf }, { closed: true });

/** Notes on shelves: a note's text is its shelf, and an event that removes a shelf's name closes the shelf. */
const shelves = projection({
  name: 'shelves',
  version: 1,
  tables: [shelved],
  on: [
    when(noteWritten, ({ data: { noteId, text } }) => [
      put(shelved, { noteId, shelf: text, closed: false, changes: 0 }),
    ]),
    when(noteAdded, ({ data: { noteId } }) => [
      patch(shelved, { noteId }, ({ changes }) => ({ changes: changes + 1 })),
    ]),
    when(noteRemoved, ({ data: { noteId } }) => [close(noteId)]),
    when(noteBroken, ({ data: { noteId } }) => [
      put(shelved, { noteId: 'last', shelf: noteId, closed: false, changes: 0 }),
      close(noteId),
      broken.fixed
        ? patch(shelved, { noteId: 'last' }, { closed: false })
        : patch(shelved, { noteId: 'nowhere' }, { closed: false }),
    ]),
  ],
});
const written = (noteId: string, shelf: string) => noteWritten.of({ noteId, text: shelf, amount: '1', day: null });
const closed = (shelf: string) => noteRemoved.of({ noteId: shelf });

/** The number of statements that the work sends. */
async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const { query } = Client.prototype;
  let sent = 0;
  function counting(this: Client, ...given: unknown[]): unknown {
    sent += 1;
    return Reflect.apply(query, this, given);
  }
  Client.prototype.query = counting as typeof query;
  await work().finally(() => (Client.prototype.query = query));
  return sent;
}

describe('one change for all rows of a group', () => {
  let bench: Bench;
  beforeEach(async () => {
    broken.fixed = false;
    bench = await openBench([shelves]);
  });
  afterEach(() => bench.end());
  const engine = () => bench.engine({ projections: [shelves] });
  const rows = async (tenant = anna) =>
    (
      await bench.pool.query<{ row: string }>(
        `select concat_ws(' ', "noteId" collate "C", shelf collate "C", closed, changes, valid_from) as row
         from ${await bench.live('shelves')}.shelved where tenant = $1 order by 1`,
        [tenant],
      )
    ).rows.map(({ row }) => row);

  it('is one statement, whatever their number', async () => {
    const catching = engine();
    const asked = async (shelf: string, notes: number) => {
      const many = Array.from({ length: notes }, (_, n) => written(`${shelf} ${n}`, shelf));
      await bench.log.record(anna, stream(anna), ...many);
      await catching.catchUp();
      await bench.log.record(anna, stream(anna), closed(shelf));
      return statementsOf(() => catching.catchUp());
    };
    const few = await asked('few', 2);
    expect(await asked('many', 300)).toBe(few);
    expect((await rows()).filter((row) => row.includes(' t '))).toHaveLength(302);
  });

  it('changes rows of the tenant that are in the group then, and keeps what they were', async () => {
    await bench.log.record(anna, stream(anna), written('a', 'top'), written('b', 'top'), written('c', 'low')); // 1 to 3
    await bench.log.record(bert, stream(bert), written('d', 'top')); // 4
    await bench.log.record(anna, stream(anna), closed('top'), written('e', 'top'), closed('top')); // 5 to 7
    await engine().catchUp();
    expect(await rows()).toEqual(['a top t 0 5', 'b top t 0 5', 'c low f 0 3', 'e top t 0 7']);
    expect(await rows(bert)).toEqual(['d top f 0 4']);
    const mikro = await orm(bench.database.apiUrl, { max: 1, application: 'group spec' });
    const models = new ReadModels({ projections: [shelves], head: () => bench.log.head() });
    const knownAt = (position: number) =>
      models.read(mikro.em.fork().getKysely<object>(), anna, `position:${position}`, async ({ db, rows: of }) =>
        (await db.selectFrom(of(shelved).as('s')).select(['s.noteId', 's.closed']).orderBy('s.noteId').execute()).map(
          (row) => `${row.noteId} ${row.closed}`,
        ),
      );
    expect(await knownAt(4)).toEqual(['a false', 'b false', 'c false']);
    expect(await knownAt(5)).toEqual(['a true', 'b true', 'c false']);
    expect(await knownAt(6)).toEqual(['a true', 'b true', 'c false', 'e false']);
    await mikro.close();
  });

  it('gives the same rows and versions one by one, in a batch, and in a rebuild', async () => {
    const catching = engine();
    const events = [
      written('a', 'top'), noteAdded.of({ noteId: 'a', amount: '1' }), written('b', 'low'), closed('top'),
      noteAdded.of({ noteId: 'a', amount: '1' }), written('a', 'low'), closed('low'), closed('low'),
      noteAdded.of({ noteId: 'b', amount: '1' }), written('c', 'top'),
    ]; // prettier-ignore
    for (const one of events) {
      await bench.log.record(anna, stream(anna), one);
      await catching.catchUp();
    }
    const before = await bench.dump(await bench.live('shelves'));
    expect(before.filter((row) => row.startsWith('shelved_history'))).toHaveLength(7);
    await catching.rebuild('shelves');
    await catching.catchUp();
    expect(await bench.live('shelves')).toBe('rm_shelves_v1_g2');
    expect(await bench.dump('rm_shelves_v1_g2')).toEqual(before);
  });

  it('is undone with the rest of an event that cannot be applied, and made when it can', async () => {
    await bench.log.record(anna, stream(anna), written('a', 'top'), noteBroken.of({ noteId: 'top' }));
    const catching = engine();
    await catching.catchUp();
    expect(await rows()).toEqual(['a top f 0 1']);
    broken.fixed = true;
    await catching.retry('shelves', anna);
    expect(await rows()).toEqual(['a top t 0 2', 'last top f 0 2']);
  });

  it('is refused where it could not be right', () => {
    const refused = (change: TableChange) => {
      if ('where' in change) checkedGroup(change);
    };
    const owned = tableOf(
      'owned',
      z.object({ id: z.string(), owner: z.string(), name: personal(z.string().nullable(), 'owner') }),
      ['id'],
      { indexes: [['owner']] },
    );
    expect(() => refused(patchAll(shelved, { closed: false }, { changes: 1 }))).toThrow('begins with closed');
    expect(() => refused(patchAll(shelved, {}, { changes: 1 }))).toThrow('needs an index');
    expect(() => refused(patchAll(shelved, { shelf: 'top' }, { noteId: 'a' }))).toThrow('cannot set noteId');
    expect(() => refused(patchAll(owned, { owner: 'a' }, { name: 'A' }))).toThrow('cannot set name');
    const listed = tableOf('listed', z.object({ id: z.string() }), ['id'], { history: 'append-only' });
    // @ts-expect-error -- rows of such a table never change
    expect(() => refused(patchAll(listed, { id: 'a' }, {}))).toThrow('rows change');
  });
});
