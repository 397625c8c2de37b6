import { maxAppendBytes } from '@daybook/event-store';
import { commandIdOf, type CommandResult, isRejection, newId, publishedState, type Rejection } from '@daybook/kernel';
import type { Caller, DecideBinding, EventReader, OperationContext } from '../context.js';
import type { FactReader, SoftFactSources } from '../facts.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { uniqueField } from '../hold/unique-field.js';
import { boardStream, changeNote, noteChanged, notes, notesBinding, writeNote } from '../testing/notes.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

const tenant = '0199a9b2-0000-7000-8000-00000000000a';
const board = '0199a9b2-0000-7000-8000-00000000000b';
const caller: Caller = {
  tenant,
  actor: { kind: 'person', id: 'ada' },
  channel: 'rest',
  address: null,
  correlationId: 'trace',
  reason: null,
};
type Outcome = CommandResult | Rejection;
const boardNotes = publishedState('notes.count', { of: 'notes.board', events: notesBinding.events, initial: 0, evolve: (count) => count + 1 }); // prettier-ignore

/** Counts reads and appends, and keeps appends waiting while its gate is closed. */
class CountingStore extends MemoryStore {
  reads = 0;
  groups: number[] = [];
  gate: Promise<void> = Promise.resolve();
  override readStream(...args: Parameters<MemoryStore['readStream']>) {
    this.reads += 1;
    return super.readStream(...args);
  }
  override async appendGroup(...args: Parameters<MemoryStore['appendGroup']>) {
    this.groups.push(args[2].length);
    await this.gate;
    return super.appendGroup(...args);
  }
}

function processOn(store: MemoryStore, facts?: FactReader) {
  const executor = new CommandExecutor({
    store,
    catalogue: plainCatalogue(notes.events),
    context: {} as OperationContext,
    ...(facts ? { facts } : {}),
    secret: 'a secret of more than thirty-two characters',
  });
  const idOf = (key: string) => commandIdOf(tenant, 'ada', writeNote.name, key);
  const send = (operation: typeof writeNote | typeof changeNote, input: object, key: string, binding: DecideBinding, expectedVersion: number | null = null) =>
    executor.execute(binding, {
      operation, input: { boardId: board, ...input }, caller, commandId: idOf(key), newId: newIdOf(idOf(key)), causationId: null, expectedVersion,
    }); // prettier-ignore
  return {
    forget: () => executor.forget(),
    write: (text: string, key = text, binding = notesBinding) => send(writeNote, { text }, key, binding),
    change: (noteId: string, text: string) => send(changeNote, { noteId, text }, `change ${text}`, notesBinding),
  };
}

/** Lets what was sent reach the queue. */
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((next) => setImmediate(next));
};
const codes = (outcomes: readonly Outcome[]) => outcomes.map((one) => (isRejection(one) ? one.code : 'written'));
const textsIn = (store: MemoryStore) => store.all.map(({ data }) => (data as { text: string }).text);

describe('commands on a stream that is cached', () => {
  let store: CountingStore;
  let here: ReturnType<typeof processOn>;
  beforeEach(async () => {
    store = new CountingStore();
    here = processOn(store);
    await here.write('first');
    store.reads = 0;
    store.groups = [];
  });

  /** Sends commands while an append is under way, so that they meet. */
  async function together(...send: (() => Promise<Outcome>)[]): Promise<Outcome[]> {
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    const holding = here.write(`holds ${newId()}`);
    await turns();
    store.groups = [];
    const sent = send.map((one) => one());
    await turns();
    store.gate = Promise.resolve();
    gate.resolve();
    await holding;
    return Promise.all(sent);
  }

  it('are decided without a read and appended in one step', async () => {
    await here.write('second');
    expect([store.reads, store.groups]).toEqual([0, [1]]);
  });

  it('are decided on what is read anew after an erasure, also where one was under way then', async () => {
    here.forget();
    await here.write('second');
    expect(store.reads).toBeGreaterThan(0);
    store.reads = 0;
    await here.write('third');
    expect(store.reads).toBe(0);
    const gate = Promise.withResolvers<void>();
    store.gate = gate.promise;
    const underWay = here.write('fourth');
    await turns();
    here.forget();
    gate.resolve();
    await underWay;
    await here.write('fifth');
    expect(store.reads).toBeGreaterThan(0);
  });

  it('that meet are appended as one group, each with its own answer', async () => {
    const answers = (await together(
      () => here.write('a'),
      () => here.write('b'),
      () => here.write('c'),
    )) as CommandResult[];
    expect([store.reads, store.groups]).toEqual([0, [3]]);
    expect(answers.map(({ position }) => position)).toEqual(['3', '4', '5']);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
    expect(textsIn(store).slice(2)).toEqual(['a', 'b', 'c']);
  });

  it('that meet are one group also where facts may read past events, or commands may hold something, and none does', async () => {
    const mayRead: DecideBinding = {
      ...notesBinding,
      facts: async ({ caller: by }, sources) => void (sources.binding(by).events satisfies EventReader),
    };
    const mayHold: DecideBinding = {
      ...notesBinding,
      unique: [uniqueField({ name: 'notes.note.text', label: 'text', pointer: '/text', changedBy: [noteChanged], of: () => null })], // prettier-ignore
    };
    const answers = await together(
      ...['a', 'b', 'c'].map((text) => () => here.write(text, text, text === 'b' ? mayHold : mayRead)),
    );
    expect(codes(answers)).toEqual(Array(3).fill('written'));
    expect([store.reads, store.groups]).toEqual([0, [3]]);
  });

  it('are decided on what the group decided before them', async () => {
    const answers = await together(
      () => here.write('a'),
      () => here.write('a', 'another key'),
      () => here.write('b'),
    );
    expect(codes(answers)).toEqual(['written', 'notes.text-taken', 'written']);
    expect([store.reads, store.groups]).toEqual([0, [2]]);
  });

  it('that fail or are rejected do not hurt the others in their group', async () => {
    const failing: DecideBinding = {
      ...notesBinding,
      facts: async () => {
        throw new Error('no facts');
      },
    };
    const failed = expect.objectContaining({ message: 'no facts' });
    const [a, b, c] = await together(
      () => here.write('a'),
      () => here.write('b', 'b', failing).catch((error: Outcome) => error),
      () => here.write('c'),
    );
    expect(b).toEqual(failed);
    expect(codes([a!, c!])).toEqual(['written', 'written']);
    expect(store.groups).toEqual([2]);
  });

  it('are rejected only after the stream was read, since another process may have made room', async () => {
    const there = processOn(store);
    const [taken] = store.all;
    await there.change((taken!.data as { noteId: string }).noteId, 'moved away');
    store.reads = 0;
    expect(codes([await here.write('first', 'k2')])).toEqual(['written']);
    expect(codes([await here.write('first', 'k3')])).toEqual(['notes.text-taken']);
  });

  it('are decided again after a lost race', async () => {
    await processOn(store).write('second');
    expect(codes([await here.write('second', 'k2')])).toEqual(['notes.text-taken']);
    expect(codes([await here.write('third')])).toEqual(['written']);
  });

  it('are answered by what another process wrote under the same key, and the rest of the group is written', async () => {
    const there = processOn(store);
    const before = await there.write('b');
    const answers = await together(
      () => here.write('a'),
      () => here.write('b'),
      () => here.write('c'),
    );
    expect(codes(answers)).toEqual(['written', 'written', 'written']);
    expect(answers[1]).toEqual(before);
    expect(textsIn(store).sort()).toEqual(['a', 'b', 'c', 'first', expect.stringContaining('holds')]);
  });

  it('are executed once when one is sent twice at the same time', async () => {
    const [a, again] = await together(
      () => here.write('a'),
      () => here.write('a'),
    );
    expect(again).toEqual(a);
    expect(textsIn(store).filter((text) => text === 'a')).toHaveLength(1);
  });

  it('are refused alone when their events are too large', async () => {
    const large: DecideBinding = {
      ...notesBinding,
      decider: {
        ...notesBinding.decider,
        decide: (command, state, context, facts) => {
          const decision = notesBinding.decider.decide(command, state, context, facts);
          if (isRejection(decision)) return decision;
          const [event] = decision.events;
          return {
            ...decision,
            events: [{ ...event!, data: { ...(event!.data as object), text: 'x'.repeat(maxAppendBytes) } }],
          };
        },
      },
    };
    expect(await here.write('large', 'large', large)).toMatchObject({ code: 'platform.append-too-large', status: 413 });
    expect(codes([await here.write('small')])).toEqual(['written']);
  });

  it.each(['past events', 'a published state'])(
    'read %s of their stream only as it is stored, and once more at most for those that meet',
    async (what) => {
      const seen: string[] = [];
      const look = () => void seen.push(textsIn(store).join(' '));
      const stream = async function* () {
        look();
        yield* [];
      };
      const sources = { events: { stream }, of: async () => look() } as unknown as SoftFactSources;
      const reading: DecideBinding = {
        ...notesBinding,
        facts: async ({ caller: by }, reader) => {
          const { events, of } = reader.binding(by);
          if (what === 'a published state') await of(boardNotes, board);
          else for await (const event of events.stream(boardStream(tenant, board))) void event;
        },
      };
      here = processOn(store, { binding: () => sources, soft: () => sources });
      await here.write('second');
      const answers = await together(...['a', 'b', 'c', 'd'].map((text) => () => here.write(text, text, reading)));
      expect(codes(answers)).toEqual(Array(4).fill('written'));
      // Each is decided on all that was decided before it, as it is stored.
      const last = (text: string) => seen.findLast((stored) => !stored.split(' ').includes(text))!;
      expect(['b', 'c', 'd'].map((text) => last(text).split(' ').at(-1))).toEqual(['a', 'b', 'c']);
      expect(seen.length).toBeLessThanOrEqual(2 * 4);
    },
  );

  it('go on after an append of which nobody knows whether it was written', async () => {
    const append = store.appendGroup.bind(store);
    store.appendGroup = async (...args) => {
      await append(...args);
      throw new Error('the line broke');
    };
    await expect(here.write('a')).rejects.toThrow('the line broke');
    store.appendGroup = append;
    expect(codes([await here.write('b'), await here.write('a')])).toEqual(['written', 'written']);
    expect(textsIn(store)).toEqual(['first', 'a', 'b']);
  });
});
