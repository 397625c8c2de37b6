import {
  accept,
  checkVersion,
  type CommandOf,
  command,
  decimal,
  type Decider,
  event,
  type EventsOf,
  pageInput,
  pageOf,
  query,
  reject,
  streamName,
} from '@daybook/kernel';
import * as z from 'zod';
import { answer, context, decide, perform } from '../context.js';

/*
 * A minimal context for specs of this library: notes on a board. One stream per board, which takes five hundred notes, each
 * text once.
 */
const boardId = z.uuid();
const text = z.string().trim().min(1).max(100);

export const noteWritten = event('notes.note-written', {
  data: z.object({ boardId, noteId: z.uuid(), text }),
  record: (data) => ({ type: 'notes.note', id: data.noteId }),
});
export const noteChanged = event('notes.note-changed', {
  data: z.object({ boardId, noteId: z.uuid(), text }),
  record: (data) => ({ type: 'notes.note', id: data.noteId }),
});
const noteEvents = [noteWritten, noteChanged] as const;
type NoteEvent = EventsOf<typeof noteEvents>;

export const writeNote = command('notes.note.write', {
  title: 'Write a note',
  http: 'POST /v1/notes/boards/{boardId}/notes',
  says: 'wrote {text}',
  input: z.object({ boardId, text, tags: z.array(z.object({ name: z.string() })).optional() }),
});
export const changeNote = command('notes.note.change', {
  title: 'Change a note',
  http: 'PUT /v1/notes/boards/{boardId}/notes/{noteId}',
  says: 'changed {text}',
  ifMatch: 'required',
  input: z.object({ boardId, noteId: z.uuid(), text }),
});
export const breakNote = command('notes.note.break', {
  title: 'Break',
  http: 'POST /v1/notes/break',
  permission: 'notes.note.write',
  says: 'broke',
  input: z.object({}),
});
export const writeTwo = command('notes.note.write-two', {
  title: 'Write two notes',
  http: 'POST /v1/notes/boards/{boardId}/two',
  permission: 'notes.note.write',
  says: 'wrote two',
  input: z.object({ boardId, text }),
});
const noteRow = z.object({ number: z.int(), text: z.string(), amount: decimal }).meta({ id: 'Note' });
export const listNotes = query('notes.note.list', {
  title: 'List notes',
  http: 'GET /v1/notes/boards/{boardId}/notes',
  permission: 'notes.note.read',
  input: z.object({
    boardId,
    from: z.int().optional(),
    done: z.boolean().optional(),
    tag: z.array(z.string()).optional(),
    ...pageInput,
  }),
  output: pageOf(noteRow),
  rows: 'items',
});

type Command = CommandOf<typeof writeNote> | CommandOf<typeof changeNote>;
type State = Readonly<Record<string, { text: string; version: number }>>;

export const noteDecider: Decider<State, Command, NoteEvent> = {
  initial: {},
  decide: (given, state, at) => {
    const taken = Object.values(state).some((note) => note.text === given.input.text);
    if (taken) return reject('notes.text-taken', `There is a note "${given.input.text}" already.`);
    if (given.name === 'notes.note.write') {
      const { boardId, text } = given.input;
      return accept(at.newId, 1, noteWritten.of({ boardId, noteId: at.newId, text }));
    }
    const before = state[given.input.noteId];
    if (!before) return reject('notes.note-unknown', 'There is no such note.', { status: 404 });
    return (
      checkVersion(at, before.version) ?? accept(given.input.noteId, before.version + 1, noteChanged.of(given.input))
    );
  },
  evolve: (state, { data }) => ({
    ...state,
    [data.noteId]: { text: data.text, version: (state[data.noteId]?.version ?? 0) + 1 },
  }),
};

export const boardStream = (tenant: string, board: string): string => streamName('notes.board', tenant, board);

export const notesBinding = decide({
  operations: [writeNote, changeNote],
  decider: noteDecider,
  events: noteEvents,
  stream: (input, caller) => boardStream(caller.tenant, input.boardId),
});

export const notes = context({
  name: 'notes',
  title: 'Notes',
  events: noteEvents,
  channels: { 'notes.note.list': listNotes },
  bindings: [
    notesBinding,
    answer(listNotes, (input, read) =>
      read.page(
        input,
        { boardId: input.boardId },
        (row) => [String(row.number)],
        async (after, count) => {
          const rows = [];
          for await (const e of read.events.stream(boardStream(read.tenant, input.boardId))) {
            const { text } = e.data as { text: string };
            rows.push({ number: e.revision + 1, text, amount: `-${e.revision}.50` });
          }
          return rows.filter((row) => row.number > Number(after?.[0] ?? 0)).slice(0, count);
        },
      ),
    ),
    perform(breakNote, async () => {
      throw new Error('the password is hunter2');
    }),
    perform(writeTwo, async (input, { execute }) => {
      const first = await execute(writeNote, { boardId: input.boardId, text: `${input.text} 1` }, '1');
      return 'kind' in first ? first : execute(writeNote, { boardId: input.boardId, text: `${input.text} 2` }, '2');
    }),
  ],
});
