import { amount, decimals, event, instant, plainDate } from '@daybook/kernel';
import * as z from 'zod';
import { projection, when } from '../projection.js';
import { change, patch, put, remove, tableOf } from '../table.js';

/* A small context for the engine's specs: notes with an amount, and imports of staged notes. */
const note = { noteId: z.string(), text: z.string(), amount, day: plainDate.nullable() };
const record = (data: { noteId: string }) => ({ type: 'testing.note', id: data.noteId });

export const noteWritten = event('testing.note-written', { data: z.object(note), record });
export const noteAdded = event('testing.note-added', { data: z.object({ noteId: z.string(), amount }), record });
export const noteRemoved = event('testing.note-removed', { data: z.object({ noteId: z.string() }), record });
export const noteBroken = event('testing.note-broken', { data: z.object({ noteId: z.string() }), record });
export const noteStaged = event('testing.note-staged', { data: z.object(note), record, staged: true });
export const notesImported = event('testing.notes-imported', {
  data: z.object({ stream: z.string(), count: z.int() }),
  record: () => ({ type: 'testing.import', id: '1' }),
  applies: ({ stream, count }) => ({ stream, count }),
});
export const noteEvents = [noteWritten, noteAdded, noteRemoved, noteBroken, noteStaged, notesImported];

export const noteRow = z.object({ ...note, changes: z.int(), recordedAt: instant, tags: z.array(z.string()) });
export const notes = tableOf('notes', noteRow, ['noteId'], { indexes: [['day']] });
export const totalRow = z.object({ kind: z.enum(['all']), total: amount, count: z.int() });
export const totals = tableOf('totals', totalRow, ['kind']);

const count = (by: string, n: 1 | 0) =>
  change(totals, { kind: 'all' }, (row) => ({
    kind: 'all' as const,
    total: decimals.add(row?.total ?? '0', by),
    count: (row?.count ?? 0) + n,
  }));
const write = (data: z.infer<typeof noteWritten.data>, recordedAt: string) => [
  put(notes, { ...data, changes: 0, recordedAt, tags: [data.text] }),
  count(data.amount, 1),
];

/** `broken.fixed` simulates a deployment that fixes a handler. */
export const broken = { fixed: false };

export const notesProjection = projection({
  name: 'notes',
  version: 1,
  tables: [notes, totals],
  channels: ['notes'],
  on: [
    when(noteWritten, (e) => write(e.data, e.recordedAt)),
    when(noteStaged, (e) => write(e.data, e.recordedAt)),
    when(noteAdded, (e) => [
      patch(notes, { noteId: e.data.noteId }, (row) => ({
        amount: decimals.add(row.amount, e.data.amount),
        changes: row.changes + 1,
      })),
      count(e.data.amount, 0),
    ]),
    when(noteRemoved, (e) => [remove(notes, { noteId: e.data.noteId })]),
    when(noteBroken, (e) => {
      if (!broken.fixed) throw new Error(`${e.data.noteId} is broken`);
      return [count('0', 0)];
    }),
  ],
});

/** Numbers every unstaged event, like the trail of libs/contexts/audit. */
export const trailRow = z.object({ eventId: z.uuid(), trail: z.string(), type: z.string(), recordedAt: instant });
export const trail = tableOf('trail', trailRow, ['eventId'], {
  history: 'append-only',
  sequence: 'trail',
  indexes: [['recordedAt']],
});
export const trailProjection = projection({
  name: 'trail',
  version: 1,
  tables: [trail],
  every: (e) => [put(trail, { eventId: e.id, trail: '', type: e.type, recordedAt: e.recordedAt })],
});
