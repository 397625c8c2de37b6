import { orm } from '@daybook/postgres';
import type { RejectionError } from '@daybook/kernel';
import * as z from 'zod';
import { projection, when } from './projection.js';
import type { ReadContext } from './read-context.js';
import { ReadModels } from './read-models.js';
import { patch, put, remove, tableOf } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { noteAdded, noteRemoved, noteWritten } from './testing/notes.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const presentRow = z.object({ noteId: z.string(), changes: z.int() });
const present = tableOf('present', presentRow, ['noteId'], { history: 'none' });
const presentNotes = projection({
  name: 'present-notes',
  version: 1,
  tables: [present],
  on: [
    when(noteWritten, ({ data: { noteId } }) => [put(present, { noteId, changes: 0 })]),
    when(noteAdded, ({ data: { noteId } }) => [
      patch(present, { noteId }, ({ changes }) => ({ changes: changes + 1 })),
    ]),
    when(noteRemoved, ({ data: { noteId } }) => [remove(present, { noteId })]),
  ],
});
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1', day: null });

describe('a table without history', () => {
  let bench: Bench;
  let models: ReadModels;
  let read: (knownAt: string | null) => Promise<unknown>;
  let close: () => Promise<void>;
  beforeAll(async () => {
    bench = await openBench([presentNotes]);
    const mikro = await orm(bench.database.apiUrl, { max: 2, application: 'without history spec' });
    close = () => mikro.close();
    models = new ReadModels({ projections: [presentNotes], head: () => bench.log.head() });
    read = (knownAt) =>
      models.read(mikro.em.fork().getKysely<object>(), tenant, knownAt, ({ db, rows }) =>
        db.selectFrom(rows(present).as('p')).select(['p.noteId', 'p.changes']).orderBy('p.noteId').execute(),
      );
    await bench.log.record(tenant, stream, written('a'), written('b'), noteAdded.of({ noteId: 'a', amount: '1' }));
    await bench.log.record(tenant, stream, noteRemoved.of({ noteId: 'b' }));
    await bench.engine().catchUp();
  });
  afterAll(async () => {
    await close();
    await bench.end();
  });

  it('has its current rows, and nowhere what they were', async () => {
    expect(await read(null)).toEqual([{ noteId: 'a', changes: 1 }]);
    expect((await bench.dump(await bench.live('present-notes'))).map((row) => row.split(' ')[0])).toEqual(['present']);
  });

  it('is refused in a read as of a moment', async () => {
    const refused = await read('position:2').catch(({ rejection }: RejectionError) => rejection);
    expect(refused).toMatchObject({ status: 400, code: 'platform.known-at-refused' });
  });

  it('cannot be named by a query, which may be asked as of a moment', () => {
    const query = ({ rows }: ReadContext) =>
      // @ts-expect-error -- a query's rows have a history
      rows(present);
    expect(query).toBeDefined();
  });

  it('is rebuilt, compared and switched like any other', async () => {
    const engine = bench.engine();
    await engine.rebuild('present-notes');
    await engine.catchUp();
    expect(await bench.live('present-notes')).toBe('rm_present_notes_v1_g2');
    const live = (await engine.status()).find(({ state }) => state === 'live');
    expect(live?.comparison).toMatchObject({ equal: true, tables: { present: { rows: 1, missing: 0, added: 0 } } });
  });
});
