import type { NewSnapshot, Snapshots } from '@daybook/event-store';
import { command, deciderOf, event, type EventOf, reject, withKey } from '@daybook/kernel';
import * as z from 'zod';
import { decide } from '../context.js';
import { StreamSnapshots } from './stream-snapshots.js';
import { StreamState } from './stream-state.js';

/* Shelves on which books are put: each event adds a record to one state, as accounts are added to a chart. */
const bookAdded = event('shelves.book-added', {
  data: z.object({ id: z.string(), title: z.string() }),
  record: ({ id }) => ({ type: 'shelves.book', id }),
});
const addBook = command('shelves.book.add', {
  title: 'Add a book',
  http: 'POST /v1/shelves/books',
  says: 'added a book',
  input: z.object({}),
});
interface Shelf {
  readonly books: ReadonlyMap<string, EventOf<typeof bookAdded>['data']>;
}
const shelf = decide({
  operations: [addBook],
  decider: deciderOf<[typeof addBook], Shelf, EventOf<typeof bookAdded>>({
    commands: [addBook],
    initial: { books: new Map() },
    rules: { 'shelves.book.add': () => reject('shelves.full', 'No more books.') },
    folds: { 'shelves.book-added': (state, data) => ({ books: withKey(state.books, data.id, data) }) },
  }),
  events: [bookAdded],
  stream: () => 'shelves.shelf',
  snapshots: { code: import.meta.url },
});

/** The snapshots of so many events: the revision of each, and the bytes that it wrote. */
async function snapshotsOf(events: number, title: string): Promise<{ revision: number; bytes: number }[]> {
  const written: { revision: number; bytes: number }[] = [];
  const save = async (_stream: string, _kind: object, { revision, state }: NewSnapshot) =>
    String(written.push({ revision, bytes: JSON.stringify(state).length }));
  const snapshots = new StreamSnapshots({ snapshots: { save } as Partial<Snapshots> as Snapshots, store: { readStream: async function* () {} }, every: 100 }); // prettier-ignore
  const state = new StreamState(shelf);
  for (let revision = 0; revision < events; revision++) {
    const added = { type: bookAdded.name, data: { id: `Book ${revision}`, title } };
    state.advance(state.after(state.state, added, revision), { id: String(revision), revision, position: 0n });
    expect(await snapshots.keep('shelves.shelf', state)).toBe(true);
  }
  expect(written.length).toBeGreaterThan(2);
  return written;
}
async function writtenForEach(events: number, title: string): Promise<number> {
  const written = await snapshotsOf(events, title);
  return written.reduce((sum, { bytes }) => sum + bytes, 0) / events;
}

describe('snapshots of a state that holds many records', () => {
  it.each([200, 2_000])(
    'write no more for each event of a long stream than of a short one, with records of %s characters',
    async (characters) => {
      const title = 'x'.repeat(characters);
      expect(await writtenForEach(16_000, title)).toBeLessThan(1.5 * (await writtenForEach(4_000, title)));
    },
  );

  it('are taken of a stream of large records too, so that a start reads a third of it at most', async () => {
    expect((await snapshotsOf(2_000, 'x'.repeat(2_000))).at(-1)!.revision).toBeGreaterThan((2 / 3) * 2_000 - 2);
  });
});
