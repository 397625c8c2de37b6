import { newId, publishedState, streamName } from '@daybook/kernel';
import { noteWritten } from '../testing/notes.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { StateCache } from './state-cache.js';

const texts = publishedState('notes.texts', {
  of: 'notes.board',
  events: [noteWritten] as const,
  initial: [] as readonly string[],
  evolve: (state, { data }) => [...state, data.text],
});
const catalogue = plainCatalogue([noteWritten]);

/** Boards in a store, and the cache of one process. */
function boards(maxBytes?: number) {
  const store = new MemoryStore();
  const asked = { revisions: 0, streams: [] as string[], wentBack: 0, now: 0, onEvent: (): void => undefined };
  const write = async (tenant: string, text: string, board = tenant) => {
    const event = noteWritten.of({ boardId: board, noteId: newId(), text });
    const stored = await catalogue.toStore(newId(), event, { tenant } as never);
    await store.append(streamName('notes.board', tenant, board), 'any', [stored]);
  };
  const cache = new StateCache(
    {
      events: {
        get epoch() {
          return asked.wentBack;
        },
        stream: async function* (stream, { from = 0 } = {}) {
          asked.streams.push(stream);
          for await (const stored of store.readStream(stream, { from })) {
            yield await catalogue.fromStore(stored);
            asked.onEvent();
          }
        },
      },
      lastRevisions: (streams) => {
        asked.revisions += 1;
        return store.lastRevisions(streams);
      },
      logWentBack: async () => void (asked.wentBack += 1),
    },
    { now: () => asked.now, ...(maxBytes === undefined ? {} : { maxBytes }) },
  );
  return { store, asked, write, cache, states: cache.of(texts) };
}

describe('the cache of states', () => {
  it('answers with everything that was recorded before the call, by any process', async () => {
    const { write, states } = boards();
    const tenant = newId();
    expect(await states.current(tenant)).toEqual([]);
    for (const text of ['a', 'b']) {
      await write(tenant, text);
      expect((await states.current(tenant)).at(-1)).toBe(text);
    }
  });

  it('reads each event once, and asks for many streams at once', async () => {
    const { asked, write, states } = boards();
    const tenants = [newId(), newId(), newId()];
    for (const tenant of tenants) await write(tenant, 'a');
    await Promise.all(tenants.map((tenant) => states.current(tenant)));
    expect([asked.revisions, asked.streams.length]).toEqual([1, 3]);
    await Promise.all(tenants.map((tenant) => states.current(tenant)));
    expect([asked.revisions, asked.streams.length]).toEqual([2, 3]);
  });

  it('keeps the streams of one aggregate apart by id', async () => {
    const { write, states } = boards();
    const [tenant, board] = [newId(), newId()];
    await write(tenant, 'mine', board);
    expect(await states.current(tenant, board)).toEqual(['mine']);
    expect(await states.current(tenant)).toEqual([]);
  });

  it('gives what is in memory without asking, and null for what is not', async () => {
    const { asked, write, states } = boards();
    const tenant = newId();
    await write(tenant, 'a');
    expect(states.cached(tenant)).toBeNull();
    await states.current(tenant);
    await write(tenant, 'b');
    expect(states.cached(tenant)).toEqual(['a']);
    expect(asked.revisions).toBe(1);
  });

  it('keeps nothing of before an erasure, not even of a state that is being folded then', async () => {
    const { asked, cache, write, states } = boards();
    const tenant = newId();
    for (const text of ['a', 'b']) await write(tenant, text);
    await states.current(tenant);
    cache.forget();
    expect(states.cached(tenant)).toBeNull();
    asked.onEvent = () => cache.forget();
    expect(await states.current(tenant)).toEqual(['a', 'b']);
    asked.onEvent = () => undefined;
    expect(states.cached(tenant)).toBeNull();
    const read = asked.streams.length;
    expect(await states.current(tenant)).toEqual(['a', 'b']);
    expect(asked.streams.length).toBe(read + 1);
  });

  it('gives no state from memory that was current longer ago than asked for', async () => {
    const { asked, write, states } = boards();
    const tenant = newId();
    await write(tenant, 'a');
    await states.current(tenant);
    asked.now = 10_000;
    expect(states.cached(tenant, tenant, 10_000)).toEqual(['a']);
    asked.now = 10_001;
    expect([states.cached(tenant, tenant, 10_000), states.cached(tenant)]).toEqual([null, ['a']]);
    // Nothing new is as good as a new event.
    await states.current(tenant);
    expect(states.cached(tenant, tenant, 10_000)).toEqual(['a']);
  });

  it('gives nothing of a state that is being folded, or whose read stopped half-way', async () => {
    const { asked, write, states } = boards();
    const tenant = newId();
    for (const text of ['a', 'b']) await write(tenant, text);
    const seen: unknown[] = [];
    asked.onEvent = () => void seen.push(states.cached(tenant));
    await states.current(tenant);
    expect(states.cached(tenant)).toEqual(['a', 'b']);
    for (const text of ['c', 'd']) await write(tenant, text);
    await states.current(tenant);
    expect(seen).toEqual([null, null, null, null]);

    for (const text of ['e', 'f']) await write(tenant, text);
    asked.onEvent = () => {
      throw new Error('The store is gone.');
    };
    await expect(states.current(tenant)).rejects.toThrow('gone');
    expect(states.cached(tenant)).toBeNull();
    asked.onEvent = () => undefined;
    expect(await states.current(tenant)).toHaveLength(6);
    expect(states.cached(tenant)).toHaveLength(6);
  });

  it('asks for further streams with the same question, and for none whose last revision is known', async () => {
    const { asked, write, cache, states } = boards();
    const [tenant, board] = [newId(), newId()];
    await write(tenant, 'a');
    await write(tenant, 'b', board);
    const along = streamName('notes.board', tenant, board);
    const { state, revisions } = await cache.of(texts, () => [along]).asked(tenant);
    expect([state, revisions.get(along), asked.revisions]).toEqual([['a'], 0, 1]);
    expect(await states.current(tenant, board, revisions.get(along))).toEqual(['b']);
    expect(await states.current(tenant, newId(), -1)).toEqual([]);
    expect([asked.revisions, asked.streams.length]).toEqual([1, 2]);
  });

  it('does not keep a state of a stream that does not exist', async () => {
    const { states } = boards();
    const tenant = newId();
    await states.current(tenant);
    expect(states.cached(tenant)).toBeNull();
  });

  it('evicts the least recently used states by the bytes that they were folded from', async () => {
    const { write, states } = boards(3_500);
    const [large, small, latest] = [newId(), newId(), newId()];
    for (let i = 0; i < 10; i++) await write(large, 'x'.repeat(90));
    await write(small, 'a');
    await write(latest, 'a');
    await states.current(large);
    await states.current(small);
    expect(states.cached(large)).toHaveLength(10);
    await states.current(latest);
    expect([states.cached(small), states.cached(large)?.length, states.cached(latest)]).toEqual([null, 10, ['a']]);
  });

  it.each([null, 0])('folds again from the start when the log was replaced (last revision: %s)', async (last) => {
    const { store, asked, write, states } = boards();
    const tenant = newId();
    await write(tenant, 'a');
    await write(tenant, 'b');
    await states.current(tenant);
    store.all.pop();
    expect(await states.current(tenant, tenant, last)).toEqual(['a']);
    expect(asked.wentBack).toBe(1);
  });

  it('is not misled by an answer of before what it has read', async () => {
    const { asked, write, states } = boards();
    const tenant = newId();
    for (const text of ['a', 'b']) await write(tenant, text);
    await states.current(tenant);
    expect(await states.current(tenant, tenant, 0)).toEqual(['a', 'b']);
    expect(asked.wentBack).toBe(0);
  });
});
