import { event, personal } from '@daybook/kernel';
import * as z from 'zod';
import { projection, when } from './projection.js';
import { put, tableOf } from './table.js';
import { type Bench, openBench } from './testing/engine.js';
import { plainCatalogue } from './testing/event-log.js';
import {
  noteEvents,
  notesImported,
  notesProjection,
  noteStaged,
  noteWritten,
  trailProjection,
} from './testing/notes.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const other = '0190a1b2-0000-7000-8000-00000000b001';
const stream = `testing.note-${tenant}-1`;
const staging = `testing.import-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: null });
const sung = { noteId: 'a', song: 'la' };

/** A guest's visit; the name is their personal data. */
const guestRow = z.object({ guestId: z.string(), name: personal(z.string().nullable(), 'guestId') });
const guests = tableOf('guests', guestRow, ['guestId']);
const guestCame = event('testing.guest-came', {
  data: guestRow,
  record: ({ guestId }) => ({ type: 'testing.guest', id: guestId }),
});
const guestsProjection = projection({
  name: 'guests',
  version: 1,
  tables: [guests],
  on: [when(guestCame, ({ data }) => [put(guests, data)])],
});

describe('an event from a newer version of the program', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench([notesProjection, guestsProjection, trailProjection]);
    await bench.log.record(tenant, stream, written('a'));
  });
  afterEach(() => bench.end());
  const engine = (options: Parameters<Bench['engine']>[0] = {}) =>
    bench.engine({ catalogue: plainCatalogue([...noteEvents, guestCame]), ...options });
  const parked = async () =>
    (await engine().status()).flatMap(({ name, state, parked }) =>
      state === 'live' && parked.length > 0 ? [name] : [],
    );
  const rows = async (name: string, columns: string) =>
    (await bench.pool.query(`select ${columns} from ${await bench.live(name)}.${name} order by 1`)).rows;

  it('does not stop projections that do not handle its type, and the trail numbers it', async () => {
    await bench.log.recordAs('testing.note-sung.v1', tenant, stream, sung);
    await bench.log.record(tenant, stream, written('b'));
    await engine().catchUp();
    expect(await parked()).toEqual([]);
    expect(await rows('notes', '"noteId"')).toEqual([{ noteId: 'a' }, { noteId: 'b' }]);
    expect(await rows('trail', 'trail, type')).toEqual([
      { trail: '1', type: 'testing.note-written' },
      { trail: '2', type: 'testing.note-sung' },
      { trail: '3', type: 'testing.note-written' },
    ]);
  });

  it('stops only projections that handle its type, for that tenant', async () => {
    await bench.log.recordAs('testing.note-written.v2', tenant, stream, { ...sung });
    await bench.log.record(other, `testing.note-${other}-1`, written('x'));
    await engine().catchUp();
    expect(await parked()).toEqual(['notes']);
    expect((await engine().status()).find((s) => s.name === 'notes')!.parked).toMatchObject([
      { tenant, position: '2', type: 'testing.note-written.v2' },
    ]);
    expect(await rows('notes', '"noteId"')).toEqual([{ noteId: 'a' }, { noteId: 'x' }]);
    expect(await rows('trail', 'trail')).toHaveLength(3);
  });

  it('is included when a program that knows the type rebuilds what handles it, without a new version', async () => {
    await bench.log.recordAs('testing.note-sung.v1', tenant, stream, sung);
    await engine().catchUp();
    const noteSung = event('testing.note-sung', {
      data: z.object({ noteId: z.string(), song: z.string() }),
      record: ({ noteId }) => ({ type: 'testing.note', id: noteId }),
    });
    const singing = projection({
      ...notesProjection,
      on: [
        ...notesProjection.on,
        when(noteSung, ({ data, recordedAt }) => [
          put(notesProjection.tables[0]!, {
            noteId: data.song,
            text: '',
            amount: '0',
            day: null,
            changes: 0,
            recordedAt,
            tags: [],
          }),
        ]),
      ],
      every: undefined,
      everyStaged: undefined,
    } as Parameters<typeof projection>[0]);
    const newer = engine({
      projections: [singing, guestsProjection, trailProjection],
      catalogue: plainCatalogue([...noteEvents, guestCame, noteSung]),
    });
    await newer.catchUp();
    expect(await rows('notes', '"noteId"')).toEqual([{ noteId: 'a' }, { noteId: 'la' }]);
    expect((await newer.status()).map(({ name, generation, state }) => [name, generation, state])).toEqual([
      ['guests', 1, 'live'],
      ['notes', 1, 'retired'],
      ['notes', 2, 'live'],
      ['trail', 1, 'live'],
    ]);
  });

  it('erases its subject from the rows, although the type is unknown', async () => {
    await bench.log.record(
      tenant,
      stream,
      guestCame.of({ guestId: 'g1', name: 'Ada' }),
      guestCame.of({ guestId: 'g2', name: 'Bo' }),
    );
    await bench.log.recordAs('testing.guest-forgotten.v1', tenant, stream, {}, { erases: 'g1' });
    await engine().catchUp();
    expect(await parked()).toEqual([]);
    expect(await rows('guests', '"guestId", name')).toEqual([
      { guestId: 'g1', name: null },
      { guestId: 'g2', name: 'Bo' },
    ]);
  });

  it('stops projections of staged events when it applies some, and no others', async () => {
    await bench.log.record(tenant, staging, noteStaged.of({ noteId: 's', text: '', amount: '1', day: null }));
    await bench.log.recordAs('testing.notes-taken.v1', tenant, stream, { from: staging }, { applies: true });
    await engine().catchUp();
    expect(await parked()).toEqual(['notes']);
  });

  it('has no effect when it is staged, also when a known event applies its stream', async () => {
    await bench.log.record(tenant, staging, noteStaged.of({ noteId: 's', text: '', amount: '1', day: null }));
    await bench.log.recordAs('testing.song-staged.v1', tenant, staging, sung, { staged: true });
    await bench.log.record(tenant, stream, notesImported.of({ stream: staging, count: 2 }));
    await engine().catchUp();
    expect(await parked()).toEqual([]);
    expect(await rows('notes', '"noteId"')).toEqual([{ noteId: 'a' }, { noteId: 's' }]);
    expect(await rows('trail', 'type')).toEqual([{ type: 'testing.note-written' }, { type: 'testing.notes-imported' }]);
  });
});
