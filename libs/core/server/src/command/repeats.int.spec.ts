import { openEventStoreDb, openPostgresEventStore, eventStoreMigrations, type EventStore } from '@daybook/event-store';
import { startEventStoreDbDouble, type EventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import {
  accept,
  command,
  commandIdOf,
  type CommandOf,
  type CommandResult,
  type Decider,
  event,
  type EventsOf,
  isRejection,
  newId,
  type Rejection,
  streamName,
} from '@daybook/kernel';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import fc from 'fast-check';
import * as z from 'zod';
import { type Caller, decide, type OperationContext } from '../context.js';
import { plainCatalogue } from '../testing/memory-store.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

/** Adds lines, numbered from the state of the stream, so that deciding the same command again gives another result. */
const lineAdded = event('lists.line-added', {
  data: z.object({ list: z.string(), number: z.int(), text: z.string() }),
  record: (data) => ({ type: 'lists.list', id: data.list }),
});
const addLines = command('lists.line.add', {
  title: 'Add lines',
  http: 'POST /v1/lists/{list}/lines',
  says: 'added lines',
  input: z.object({ list: z.string(), text: z.string(), count: z.int() }),
});
const listEvents = [lineAdded] as const;
const decider: Decider<number, CommandOf<typeof addLines>, EventsOf<typeof listEvents>> = {
  initial: 0,
  decide: ({ input: { list, text, count } }, lines) =>
    accept(
      list,
      lines + count,
      ...Array.from({ length: count }, (_, i) => lineAdded.of({ list, number: lines + i + 1, text })),
    ),
  evolve: (lines) => lines + 1,
};
const lists = decide({
  operations: [addLines],
  decider,
  events: listEvents,
  stream: (input, caller) => streamName('lists.list', caller.tenant, input.list),
});

interface Step {
  readonly key: number;
  readonly list: number;
  readonly text: string;
  readonly count: number;
  /** Which of two processes executes it, or both at the same time. */
  readonly where: 'one' | 'other' | 'both';
  readonly before: 'nothing' | 'restart' | 'eight days';
}
const steps = fc.array(
  fc.record<Step>({
    key: fc.nat(2),
    list: fc.nat(1),
    text: fc.constantFrom('a', 'b'),
    count: fc.integer({ min: 1, max: 3 }),
    where: fc.constantFrom('one', 'other', 'both'),
    before: fc.constantFrom('nothing', 'nothing', 'restart', 'eight days'),
  }),
  { minLength: 2, maxLength: 14 },
);

const stores = [
  [
    'PostgreSQL',
    async () => {
      const database: TestDatabase = await testDatabase(eventStoreMigrations);
      const store = openPostgresEventStore({ url: database.projectorUrl });
      return { store, close: async () => store.close().then(() => database.drop()) };
    },
  ],
  [
    'EventStoreDB',
    async () => {
      const double: EventStoreDbDouble = await startEventStoreDbDouble();
      const store = openEventStoreDb({ url: double.url });
      return { store, close: async () => store.close().then(() => double.stop()) };
    },
  ],
] as const;

describe.each(stores)('an Idempotency-Key on %s', (_, open) => {
  let opened: { store: EventStore; close: () => Promise<void> };
  beforeAll(async () => void (opened = await open()));
  afterAll(() => opened.close());

  it('executes a command once per stream and answers repeats with its result, or 422 for another input, in any order and after any restart', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const tenant = newId();
        let now = Date.UTC(2026, 0, 1);
        const caller: Caller = {
          tenant,
          actor: { kind: 'person', id: 'ada' },
          channel: 'rest',
          address: null,
          correlationId: 'trace',
          reason: null,
        };
        const process = () =>
          new CommandExecutor({
            store: opened.store,
            catalogue: plainCatalogue(listEvents),
            context: {} as OperationContext,
            secret: 'a secret of more than thirty-two characters',
            now: () => new Date(now),
            capacity: 1,
          });
        let processes = [process(), process()];
        const send = (at: number, { key, list, text, count }: Step): Promise<CommandResult | Rejection> => {
          const commandId = commandIdOf(tenant, 'ada', addLines.name, String(key));
          return processes[at]!.execute(lists, {
            operation: addLines,
            input: { list: `list ${list}`, text, count },
            caller,
            commandId,
            newId: newIdOf(commandId),
            causationId: null,
            expectedVersion: null,
          });
        };
        const done = new Map<string, { content: string; answer: CommandResult }>();
        const lines = [0, 0];
        for (const step of plan) {
          if (step.before === 'restart') processes = [process(), process()];
          if (step.before === 'eight days') now += 8 * 24 * 3600 * 1000;
          const at = { one: [0], other: [1], both: [0, 1] }[step.where];
          const answers = await Promise.all(at.map((one) => send(one, step)));
          const [id, content] = [`${step.list} ${step.key}`, `${step.text} ${step.count}`];
          const before = done.get(id);
          for (const answer of answers) {
            if (before && before.content !== content) {
              expect(answer).toMatchObject({ code: 'platform.idempotency-key-reused', status: 422 });
            } else {
              if (isRejection(answer)) throw new Error(answer.message);
              expect(answer).toEqual(before?.answer ?? answers[0]);
            }
          }
          if (before) continue;
          lines[step.list]! += step.count;
          const answer = answers[0] as CommandResult;
          expect(answer).toMatchObject({ id: `list ${step.list}`, version: lines[step.list] });
          done.set(id, { content, answer });
        }
        for (const [list, count] of lines.entries()) {
          const numbers: unknown[] = [];
          const ids = new Set<string>();
          for await (const stored of opened.store.readStream(streamName('lists.list', tenant, `list ${list}`))) {
            numbers.push((stored.data as { number: number }).number);
            ids.add(stored.id);
          }
          expect(numbers).toEqual(Array.from({ length: count }, (__, i) => i + 1));
          expect(ids.size).toBe(count);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('executes one of several commands that are sent under one key at the same time, and rejects the others with 422', async () => {
    const tenant = newId();
    const list = newId();
    const commandId = commandIdOf(tenant, 'ada', addLines.name, 'key');
    const send = (text: string, count: number) =>
      new CommandExecutor({
        store: opened.store,
        catalogue: plainCatalogue(listEvents),
        context: {} as OperationContext,
        secret: 'a secret of more than thirty-two characters',
      }).execute(lists, {
        operation: addLines,
        input: { list, text, count },
        caller: {
          tenant,
          actor: { kind: 'person', id: 'ada' },
          channel: 'rest',
          address: null,
          correlationId: 'trace',
          reason: null,
        },
        commandId,
        newId: newIdOf(commandId),
        causationId: null,
        expectedVersion: null,
      });
    const answers = await Promise.all([send('a', 3), send('b', 1), send('c', 2), send('d', 3)]);
    expect(answers.filter((answer) => !isRejection(answer))).toHaveLength(1);
    expect(answers.filter(isRejection).map(({ code }) => code)).toEqual(
      Array(3).fill('platform.idempotency-key-reused'),
    );
  });
});
