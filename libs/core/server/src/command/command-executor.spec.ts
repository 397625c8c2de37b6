import { commandIdOf, type CommandResult, isRejection, type Rejection } from '@daybook/kernel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller, OperationContext } from '../context.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { boardStream, changeNote, notes, notesBinding, writeNote } from '../testing/notes.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

const tenant = '0199a9b2-0000-7000-8000-00000000000a';
const board = '0199a9b2-0000-7000-8000-00000000000b';
const caller: Caller = {
  tenant,
  actor: { kind: 'person', id: 'ada' },
  channel: 'rest',
  address: '127.0.0.1',
  correlationId: 'trace',
  reason: 'because',
};

const executorOn = (store: MemoryStore, options: { now?: () => Date; attempts?: number; epoch?: () => number } = {}) =>
  new CommandExecutor({
    store,
    catalogue: plainCatalogue(notes.events),
    context: {} as OperationContext,
    secret: 'a secret of more than thirty-two characters',
    ...options,
  });
const write = (executor: CommandExecutor, text: string, key: string): Promise<CommandResult | Rejection> => {
  const commandId = commandIdOf(tenant, 'ada', writeNote.name, key);
  return executor.execute(notesBinding, {
    operation: writeNote,
    input: { boardId: board, text },
    caller,
    commandId,
    newId: newIdOf(commandId),
    causationId: null,
    expectedVersion: null,
  });
};
const change = (executor: CommandExecutor, noteId: string, text: string, expectedVersion: number | null) =>
  executor.execute(notesBinding, {
    operation: changeNote,
    input: { boardId: board, noteId, text },
    caller,
    commandId: commandIdOf(tenant, 'ada', changeNote.name, `${text} ${expectedVersion}`),
    newId: newIdOf('0199a9b2-0000-7000-8000-00000000000c'),
    causationId: null,
    expectedVersion,
  });

describe('the command executor', () => {
  it('records actor, operation, channel and reason in the metadata of the event', async () => {
    const store = new MemoryStore();
    const result = (await write(executorOn(store), 'first', 'k1')) as CommandResult;
    expect(result).toEqual({ id: expect.any(String), version: 1, position: '1' });
    expect(store.all[0]).toMatchObject({
      type: 'notes.note-written.v1',
      stream: boardStream(tenant, board),
      meta: {
        tenant,
        actor: { kind: 'person', id: 'ada' },
        operation: 'notes.note.write',
        index: 0,
        count: 1,
        correlationId: 'trace',
        channel: 'rest',
        reason: 'because',
        record: { type: 'notes.note', id: result.id, version: 1 },
      },
    });
  });

  it('rehearses a command without appending anything', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const { id } = (await write(executor, 'first', 'k1')) as CommandResult;
    const rehearse = (text: string, key: string, expectedVersion: number | null = null) =>
      executor.rehearse(notesBinding, {
        operation: changeNote,
        input: { boardId: board, noteId: id, text },
        caller,
        commandId: commandIdOf(tenant, 'ada', key === 'k1' ? writeNote.name : changeNote.name, key),
        newId: newIdOf(id),
        causationId: null,
        expectedVersion,
      });
    expect(await rehearse('second', 'k2')).toBeNull();
    expect(await rehearse('second', 'k2', 7)).toMatchObject({ code: 'platform.version-stale' });
    expect(await rehearse('second', 'k1')).toBe('repeat');
    expect(store.all).toHaveLength(1);
  });

  it('runs `afterwards` when a command is accepted and on each repeat, never in a rehearsal or after a rejection', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const done: string[] = [];
    const following: typeof notesBinding = {
      ...notesBinding,
      afterwards: async ({ name, input }) => void done.push(`${name} ${writeNote.input.parse(input).text}`),
    };
    const call = (text: string, key: string) => {
      const commandId = commandIdOf(tenant, 'ada', writeNote.name, key);
      const input = { boardId: board, text };
      return {
        operation: writeNote,
        input,
        caller,
        commandId,
        newId: newIdOf(commandId),
        causationId: null,
        expectedVersion: null,
      };
    };
    expect(await executor.rehearse(following, call('a', 'k1'))).toBeNull();
    expect(done).toEqual([]);
    await executor.execute(following, call('a', 'k1'));
    await executor.execute(following, call('a', 'k1'));
    await executor.execute(following, call('a', 'k2'));
    expect(await executor.rehearse(following, call('a', 'k1'))).toBe('repeat');
    expect(done).toEqual(Array(2).fill('notes.note.write a'));
  });

  it('answers a repeated command with the first result, also after a restart', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const first = await write(executor, 'first', 'k1');
    await write(executor, 'second', 'k2');
    expect(await write(executor, 'first', 'k1')).toEqual(first);
    expect(await write(executorOn(store), 'first', 'k1')).toEqual(first);
    expect(store.all).toHaveLength(2);
  });

  it('drops cached state and known commands when the log was replaced', async () => {
    const store = new MemoryStore();
    let epoch = 0;
    const executor = executorOn(store, { epoch: () => epoch });
    await write(executor, 'first', 'k1');
    const lost = (await write(executor, 'second', 'k2')) as CommandResult;
    const other = new MemoryStore();
    await write(executorOn(other), 'elsewhere', 'k3');
    store.all.splice(0, Infinity, ...other.all);
    epoch = 1;
    expect(await change(executor, lost.id, 'changed', null)).toMatchObject({ kind: 'rejection' });
    expect(await write(executor, 'second', 'k2')).toMatchObject({ position: '2' });
    expect(store.all.map(({ data }) => (data as { text: string }).text)).toEqual(['elsewhere', 'second']);
  });

  it('rejects an idempotency key that was used with another input', async () => {
    const executor = executorOn(new MemoryStore());
    await write(executor, 'first', 'k1');
    expect(await write(executor, 'other', 'k1')).toMatchObject({
      code: 'platform.idempotency-key-reused',
      status: 422,
    });
  });

  it('does not remember rejections: the same key can succeed later', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const first = (await write(executor, 'taken', 'k1')) as CommandResult;
    expect(await write(executor, 'taken', 'k2')).toMatchObject({ code: 'notes.text-taken' });
    await change(executor, first.id, 'moved away', 1);
    expect(isRejection(await write(executor, 'taken', 'k2'))).toBe(false);
  });

  it('recognises an idempotency key after eight days, with the first result or, for another input, with 422', async () => {
    const store = new MemoryStore();
    let now = new Date();
    const executor = executorOn(store, { now: () => now });
    const first = (await write(executor, 'first', 'k1')) as CommandResult;
    await change(executor, first.id, 'second', 1);
    now = new Date(now.getTime() + 8 * 24 * 3600 * 1000);
    for (const later of [executor, executorOn(store, { now: () => now })]) {
      expect(await write(later, 'first', 'k1')).toEqual(first);
      expect(await write(later, 'other', 'k1')).toMatchObject({ code: 'platform.idempotency-key-reused', status: 422 });
    }
    expect(store.all).toHaveLength(2);
  });

  it('creates two records when one key is used on two streams', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const commandId = commandIdOf(tenant, 'ada', writeNote.name, 'k1');
    const other = '0199a9b2-0000-7000-8000-0000000000bb';
    const writeOn = (boardId: string, text = 'first') =>
      executor.execute(notesBinding, {
        operation: writeNote,
        input: { boardId, text },
        caller,
        commandId,
        newId: newIdOf(commandId),
        causationId: null,
        expectedVersion: null,
      }) as Promise<CommandResult>;
    const [here, there] = [await writeOn(board), await writeOn(other)];
    expect(there.id).not.toBe(here.id);
    expect(await writeOn(board)).toEqual(here);
    expect(await writeOn(other)).toEqual(there);
    expect(await writeOn(other, 'second')).toMatchObject({ code: 'platform.idempotency-key-reused' });
    expect(store.all.map((event) => event.stream)).toEqual([boardStream(tenant, board), boardStream(tenant, other)]);
    expect(new Set(store.all.map((event) => event.id)).size).toBe(2);
  });

  it('rejects commands on a stream with an unknown event type, names it, and goes on once it is known', async () => {
    const store = new MemoryStore();
    await write(executorOn(store), 'first', 'k1');
    const [stored] = store.all;
    const newer = {
      ...stored!,
      id: newIdOf(board),
      type: 'notes.note-pinned.v1',
      meta: { ...stored!.meta, commandId: board },
    };
    await store.append(boardStream(tenant, board), 0, [newer]);
    const executor = executorOn(store);
    for (let time = 0; time < 2; time++) {
      await expect(write(executor, 'second', 'k2')).rejects.toMatchObject({
        rejection: {
          code: 'platform.program-too-old',
          status: 503,
          message: expect.stringContaining('notes.note-pinned.v1'),
          details: { event: 'notes.note-pinned.v1' },
        },
      });
    }
    expect(store.all).toHaveLength(2);
    store.all.pop();
    expect(await write(executorOn(store), 'second', 'k2')).toMatchObject({ version: 1 });
  });

  it('reads what another process appended before deciding', async () => {
    const store = new MemoryStore();
    const [here, there] = [executorOn(store), executorOn(store)];
    await write(here, 'one', 'k1');
    await write(there, 'two', 'k2');
    expect(await write(here, 'two', 'k3')).toMatchObject({ code: 'notes.text-taken' });
  });

  it('reads a stream once for all commands of one decider', async () => {
    const store = new MemoryStore();
    const executor = executorOn(store);
    const { id } = (await write(executor, 'first', 'k1')) as CommandResult;
    const read: number[] = [];
    const readStream = store.readStream.bind(store);
    store.readStream = (stream, options) => {
      read.push(options?.from ?? 0);
      return readStream(stream, options);
    };
    const other: typeof notesBinding = { ...notesBinding, operations: [changeNote] };
    const input = { boardId: board, noteId: id, text: 'second' };
    const commandId = commandIdOf(tenant, 'ada', changeNote.name, 'k2');
    const call = { operation: changeNote, input, caller, commandId, newId: newIdOf(commandId), causationId: null };
    expect(await executor.execute(other, { ...call, expectedVersion: 1 })).toMatchObject({ id, version: 2 });
    expect(read).toEqual([]);
  });

  it('rejects a stale version with 412', async () => {
    const executor = executorOn(new MemoryStore());
    const { id } = (await write(executor, 'first', 'k1')) as CommandResult;
    expect(await change(executor, id, 'second', 1)).toMatchObject({ id, version: 2 });
    expect(await change(executor, id, 'third', 1)).toMatchObject({ code: 'platform.version-stale', status: 412 });
  });

  it('executes each of 50 racing commands from two processes exactly once', async () => {
    const store = new MemoryStore(() => sleep(Math.random() * 3));
    const executors = [executorOn(store), executorOn(store)];
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, i) => write(executors[i % 2]!, `note ${i}`, `key ${i}`)),
    );
    expect(results.filter(isRejection)).toEqual([]);
    expect(store.conflicts).toBeGreaterThan(0);
    expect(store.all.map((e) => e.revision)).toEqual(Array.from({ length: 50 }, (_, i) => i));
    expect(new Set(store.all.map((e) => (e.data as { text: string }).text)).size).toBe(50);
  });

  it('executes a request once when it is sent to two processes at the same time', async () => {
    const store = new MemoryStore(() => sleep(Math.random() * 3));
    const [a, b] = await Promise.all([write(executorOn(store), 'same', 'k'), write(executorOn(store), 'same', 'k')]);
    expect(a).toEqual(b);
    expect(store.all).toHaveLength(1);
  });

  it('gives up with 503 after too many write conflicts', async () => {
    const store = new MemoryStore();
    store.append = async () => ({ kind: 'conflict', actual: 7 });
    expect(await write(executorOn(store, { attempts: 2 }), 'x', 'k')).toMatchObject({
      code: 'platform.busy',
      status: 503,
    });
  });

  it('treats a decision without events as a bug unless the binding allows it', async () => {
    const nothing = {
      ...notesBinding,
      decider: {
        ...notesBinding.decider,
        decide: () => ({ kind: 'accepted' as const, events: [], id: 'x', version: 1 }),
      },
    };
    const call = {
      operation: writeNote,
      input: { boardId: board, text: 'x' },
      caller,
      commandId: newIdOf(tenant),
      newId: newIdOf(tenant),
      causationId: null,
      expectedVersion: null,
    };
    await expect(executorOn(new MemoryStore()).execute(nothing, call)).rejects.toThrow('without any event');
    expect(await executorOn(new MemoryStore()).execute({ ...nothing, mayChangeNothing: true }, call)).toEqual({
      id: 'x',
      version: 1,
      position: '0',
    });
  });

  it('never appends to a stream of another tenant', async () => {
    const foreign = { ...notesBinding, stream: () => boardStream(board, board) };
    const call = {
      operation: writeNote,
      input: { boardId: board, text: 'x' },
      caller,
      commandId: board,
      newId: board,
      causationId: null,
      expectedVersion: null,
    };
    await expect(executorOn(new MemoryStore()).execute(foreign, call)).rejects.toThrow('outside its caller');
  });
});
