import {
  eventStoreMigrations,
  type EventStore,
  openEventStoreDb,
  openPostgresEventStore,
  PostgresSnapshots,
  type Snapshots,
} from '@daybook/event-store';
import { startEventStoreDbDouble } from '@daybook/event-store/testing/eventstoredb-double';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
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
  LargeMap,
  newId,
  type Rejection,
  streamName,
} from '@daybook/kernel';
import { createPool } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import fc from 'fast-check';
import * as z from 'zod';
import { type Caller, decide, type OperationContext } from '../context.js';
import { plainCatalogue } from '../testing/memory-store.js';
import { CommandExecutor, newIdOf } from './command-executor.js';

/**
 * Adds lines, numbered from the state of the stream, so that deciding the same command again gives another result; each says
 * what the first one says.
 */
const lineAdded = event('lists.line-added', {
  data: z.object({ list: z.string(), number: z.int(), text: z.string(), first: z.string() }),
  record: (data) => ({ type: 'lists.list', id: data.list }),
});
const addLines = command('lists.line.add', {
  title: 'Add lines',
  http: 'POST /v1/lists/{list}/lines',
  says: 'added lines',
  input: z.object({ list: z.string(), text: z.string(), count: z.int() }),
});
const listEvents = [lineAdded] as const;
interface Lines {
  readonly count: number;
  readonly texts: LargeMap<string>;
}
const decider: Decider<Lines, CommandOf<typeof addLines>, EventsOf<typeof listEvents>> = {
  initial: { count: 0, texts: LargeMap.empty() },
  decide: ({ input: { list, text, count } }, lines) => {
    const first = lines.texts.get('1') ?? text;
    const added = Array.from({ length: count }, (_, i) =>
      lineAdded.of({ list, number: lines.count + i + 1, text, first }),
    );
    return accept(list, lines.count + count, ...added);
  },
  evolve: ({ texts }, { data: { number, text } }) => ({ count: number, texts: texts.with(String(number), text) }),
};
const lists = decide({
  operations: [addLines],
  decider,
  events: listEvents,
  stream: (input, caller) => streamName('lists.list', caller.tenant, input.list),
  snapshots: { code: import.meta.url },
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

interface Opened {
  readonly store: EventStore;
  readonly snapshots?: Snapshots;
}
const stores = ['PostgreSQL', 'EventStoreDB', 'PostgreSQL, with snapshots', 'EventStoreDB, with snapshots'] as const;

async function open(which: (typeof stores)[number], undo: (() => unknown)[]): Promise<Opened> {
  const database = await testDatabase(eventStoreMigrations);
  undo.push(() => database.drop());
  const pool = createPool(database.apiUrl, { max: 4, application: 'spec' });
  undo.push(() => pool.end());
  const snapshots = which.endsWith('with snapshots') ? { snapshots: new PostgresSnapshots(pool, memorySealer()) } : {};
  if (which.startsWith('PostgreSQL')) {
    const store = openPostgresEventStore({ url: database.projectorUrl });
    undo.push(() => store.close());
    return { store, ...snapshots };
  }
  const double = await startEventStoreDbDouble();
  undo.push(() => double.stop());
  const store = openEventStoreDb({ url: double.url });
  undo.push(() => store.close());
  return { store, ...snapshots };
}

describe.each(stores)('an Idempotency-Key on %s', (which) => {
  let opened: Opened;
  const undo: (() => unknown)[] = [];
  beforeAll(async () => void (opened = await open(which, undo)));
  afterAll(async () => {
    for (const step of undo.toReversed()) await step();
  });

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
            ...opened,
            snapshotEvery: 2,
            catalogue: plainCatalogue(listEvents),
            context: {} as OperationContext,
            secret: 'a secret of more than thirty-two characters',
            now: () => new Date(now),
            cacheBytes: 1,
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
          const firsts = new Set<string>();
          const ids = new Set<string>();
          for await (const stored of opened.store.readStream(streamName('lists.list', tenant, `list ${list}`))) {
            const { number, text, first } = stored.data as { number: number; text: string; first: string };
            numbers.push(number);
            firsts.add(number === 1 ? text : first);
            ids.add(stored.id);
          }
          expect(numbers).toEqual(Array.from({ length: count }, (__, i) => i + 1));
          expect(ids.size).toBe(count);
          expect(firsts.size).toBeLessThan(2);
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
