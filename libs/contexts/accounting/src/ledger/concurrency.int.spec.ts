import {
  catalogueOf,
  eventStoreMigrations,
  openPostgresEventStore,
  PostgresSnapshots,
  type EventStore,
} from '@daybook/event-store';
import { memorySealer } from '@daybook/event-store/testing/memory-sealer';
import { type CallOf, commandIdOf, type CommandOperation, decimals, isRejection, nameId } from '@daybook/kernel';
import { createPool, roleUrl } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Caller, DecideBinding, OperationContext } from '@daybook/server';
import { checkSnapshot } from '@daybook/server/command/check-snapshot';
import { CommandExecutor } from '@daybook/server/command/command-executor';
import { holdEvents } from '@daybook/server/hold/hold.events';
import { accounting } from '../accounting.module.js';
import { addAccount, removeAccount } from '../account/account.operations.js';
import { createCompany } from '../company/company.operations.js';
import { postEntry, reverseEntry } from '../entry/entry.operations.js';
import { addJournal } from '../journal/journal.operations.js';
import { entryPosted, entryReversed } from './ledger.events.js';
import { ledgerStream } from './ledger.decision-facts.js';
import type { AppliedEntry } from './ledger.state.js';

const tenant = '0199f3a0-0000-7000-8000-0000000000aa';
const caller: Caller = {
  tenant,
  actor: { kind: 'person', id: tenant },
  channel: 'rest',
  address: null,
  correlationId: 'spec',
  reason: null,
};

/** Fifty people at once, through two command executors on one real event store. Every command is sent twice. */
describe('fifty concurrent writers', () => {
  let database: TestDatabase;
  let stores: EventStore[];
  let handlers: CommandExecutor[];
  let companyId: string;
  let pool: ReturnType<typeof createPool>;
  let snapshots: PostgresSnapshots;
  const catalogue = catalogueOf([...accounting.events, ...holdEvents], memorySealer());
  const people = { rightsOf: async () => null };

  const send = async <O extends CommandOperation>(at: number, operation: O, input: CallOf<O>, key: string) => {
    const commandId = commandIdOf(tenant, caller.actor.id, operation.name, key);
    return handlers[at % handlers.length]!.execute(bindingOf(operation), {
      operation,
      input: operation.input.parse(input) as Record<string, unknown>,
      caller,
      commandId,
      newId: nameId(commandId, 'record'),
      causationId: null,
      expectedVersion: null,
    });
  };
  const bindingOf = (operation: CommandOperation): DecideBinding =>
    accounting.bindings.find((b): b is DecideBinding => b.kind === 'decide' && b.operations.includes(operation))!;
  const done = async (answer: ReturnType<typeof send>): Promise<string> => {
    const result = await answer;
    if (isRejection(result)) throw new Error(`${result.code}: ${result.message}`);
    return result.id;
  };
  const recorded = async () => {
    const events = [];
    for await (const stored of stores[0]!.readStream(ledgerStream(tenant, companyId))) {
      const event = await catalogue.fromStore(stored);
      if (event) events.push(event);
    }
    return events;
  };

  beforeAll(async () => {
    database = await testDatabase(eventStoreMigrations);
    const url = roleUrl(database.adminUrl, 'api', database.secret);
    stores = [openPostgresEventStore({ url }), openPostgresEventStore({ url })];
    pool = createPool(url, { max: 4, application: 'spec' });
    snapshots = new PostgresSnapshots(pool, memorySealer());
    handlers = stores.map((store) => {
      const events = {
        async *stream(name: string, options?: { from?: number; limit?: number; backwards?: boolean }) {
          for await (const stored of store.readStream(name, options)) {
            const event = await catalogue.fromStore(stored);
            if (event) yield event;
          }
        },
      };
      return new CommandExecutor({
        store,
        catalogue,
        context: { events } as unknown as OperationContext,
        dependencies: { of: () => ({ people }) },
        secret: database.secret,
        snapshots,
        snapshotEvery: 20,
      });
    });
    companyId = await done(send(0, createCompany, { name: 'Crowded AS', currency: 'NOK' }, 'company'));
    await done(send(0, addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' }, 'bank'));
    await done(send(0, addAccount, { companyId, number: '3000', name: 'Sales', class: 'income' }, 'sales'));
    await done(send(0, addJournal, { companyId, code: 'SA', name: 'Sales' }, 'SA'));
    await done(send(0, addJournal, { companyId, code: 'GL', name: 'General' }, 'GL'));
  }, 60_000);
  afterAll(async () => {
    await Promise.all([...stores.map((store) => store.close()), pool.end()]);
    await database.drop();
  });

  it('post each entry once, with gapless numbers', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, writer) => writer).flatMap((writer) =>
        [0, 1, 2].flatMap((n) => {
          const amount = `${writer + 1}.${n}0`;
          const input = {
            companyId,
            journal: writer % 2 ? 'SA' : 'GL',
            date: n === 2 ? '2025-12-31' : '2026-01-31',
            description: `Writer ${writer}`,
            lines: [
              { account: '1920', side: 'debit' as const, amount },
              { account: '3000', side: 'credit' as const, amount },
            ],
          };
          const key = `${writer}-${n}`;
          return [done(send(writer, postEntry, input, key)), done(send(writer + 1, postEntry, input, key))];
        }),
      ),
    );
    expect(new Set(answers).size).toBe(150);
    const entries = (await recorded())
      .filter(({ type }) => type === entryPosted.name)
      .map((e) => e.data as AppliedEntry);
    expect(entries).toHaveLength(150);
    const last = new Map<string, number>();
    for (const { journal, fiscalYear, sequence, lines } of entries) {
      const key = `${journal}-${fiscalYear}`;
      expect(sequence).toBe((last.get(key) ?? 0) + 1);
      last.set(key, sequence);
      expect(decimals.cmp(lines[0]!.amount, lines[1]!.amount)).toBe(0);
    }
    expect(Object.fromEntries(last)).toEqual({ 'SA-2026': 50, 'GL-2026': 50, 'SA-2025': 25, 'GL-2025': 25 });
  }, 120_000);

  it('reverse one entry exactly once', async () => {
    const [first] = (await recorded()).filter(({ type }) => type === entryPosted.name);
    const { entryId, number } = first!.data as AppliedEntry;
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => send(n, reverseEntry, { companyId, entryId }, `reverse-${n}`)),
    );
    const rejected = answers.filter(isRejection);
    expect(rejected).toHaveLength(49);
    expect(new Set(rejected.map(({ code }) => code))).toEqual(new Set(['accounting.entry-already-reversed']));
    const events = await recorded();
    expect(events.filter(({ type }) => type === entryReversed.name)).toMatchObject([{ data: { entryId, number } }]);
  }, 60_000);

  it('either remove an account or post to it, never both', async () => {
    const numbers = Array.from({ length: 25 }, (_, n) => `40${String(n).padStart(2, '0')}`);
    for (const number of numbers)
      await done(send(0, addAccount, { companyId, number, name: 'Costs', class: 'expense' }, `add-${number}`));
    const outcomes = await Promise.all(
      numbers.map(async (number, n) => {
        const lines = [
          { account: number, side: 'debit' as const, amount: '1' },
          { account: '1920', side: 'credit' as const, amount: '1' },
        ];
        const entry = { companyId, journal: 'GL', date: '2026-02-01', description: 'Race', lines };
        const [removed, posted] = await Promise.all([
          send(n, removeAccount, { companyId, number }, `remove-${number}`),
          send(n + 1, postEntry, entry, `post-${number}`),
        ]);
        return [removed, posted].map((answer) => (isRejection(answer) ? answer.code : 'accepted'));
      }),
    );
    for (const outcome of outcomes)
      expect([
        ['accepted', 'accounting.account-not-found'],
        ['accounting.account-used', 'accepted'],
      ]).toContainEqual(outcome);
  }, 60_000);

  it('leave a snapshot of the ledger that is the same as a fold from zero', async () => {
    const [store] = stores;
    const binding = bindingOf(postEntry);
    const found = await checkSnapshot(
      { store: store!, catalogue, snapshots },
      binding,
      ledgerStream(tenant, companyId),
    );
    expect(found).toEqual([]);
  });

  it('create one company with a registration number, and tell the others which field is wrong', async () => {
    const create = async (n: number) => {
      const input = { name: `Company ${n}`, registrationNumber: '999 888 777', currency: 'NOK' };
      for (;;) {
        const answer = await send(n, createCompany, input, `number-${n}`);
        if (!isRejection(answer) || answer.code !== 'platform.busy') return answer;
      }
    };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => create(n)));
    expect(answers.filter((answer) => !isRejection(answer))).toHaveLength(1);
    for (const refused of answers.filter(isRejection)) {
      expect(refused).toMatchObject({
        code: 'accounting.registration-number-exists',
        errors: [{ pointer: '/registrationNumber' }],
      });
    }
  }, 60_000);
});
