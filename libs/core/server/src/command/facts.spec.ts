import {
  accept,
  type ByCommand,
  command,
  commandIdOf,
  type CommandOf,
  type Decider,
  event,
  type EventsOf,
  newId,
  publishedState,
  reject,
  streamName,
} from '@daybook/kernel';
import * as z from 'zod';
import { type Caller, decide, type OperationContext, type QueryContext } from '../context.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { statesOver } from '../testing/states.js';
import { CommandExecutor, newIdOf } from './command-executor.js';
import { factReader } from './fact-reader.js';

/* Orders need the credit of their customer, which another aggregate decides. */
const tenant = newId();
const customer = newId();
const caller: Caller = {
  tenant,
  actor: { kind: 'person', id: 'ada' },
  channel: 'rest',
  address: null,
  correlationId: 'trace',
  reason: null,
};

const creditSet = event('parties.credit-set', {
  data: z.object({ customer: z.string(), limit: z.int() }),
  record: (data) => ({ type: 'parties.customer', id: data.customer }),
});
const setCredit = command('parties.credit.set', {
  title: 'Set a credit limit',
  http: 'POST /v1/parties/credits',
  says: 'set a limit',
  input: z.object({ customer: z.string(), limit: z.int() }),
});
const creditDecider: Decider<number, CommandOf<typeof setCredit>, EventsOf<[typeof creditSet]>> = {
  initial: 0,
  decide: ({ input }) => accept(input.customer, 1, creditSet.of(input)),
  evolve: (_, { data }) => data.limit,
};
const credits = decide({
  operations: [setCredit],
  decider: creditDecider,
  events: [creditSet],
  stream: (input, by) => streamName('parties.customer', by.tenant, input.customer),
});
const creditLimit = publishedState('parties.credit-limit', {
  of: 'parties.customer',
  events: [creditSet] as const,
  initial: 0,
  evolve: (_, { data }) => data.limit,
});

const orderPlaced = event('trade.order-placed', {
  data: z.object({ order: z.string(), amount: z.int(), note: z.string() }),
  record: (data) => ({ type: 'trade.order', id: data.order }),
});
const placeOrder = command('trade.order.place', {
  title: 'Place an order',
  http: 'POST /v1/trade/orders',
  says: 'placed an order',
  input: z.object({ order: z.string(), customer: z.string(), amount: z.int() }),
});
const noteOrder = command('trade.order.note', {
  title: 'Note an order',
  http: 'POST /v1/trade/notes',
  says: 'noted an order',
  input: z.object({ order: z.string() }),
});
type OrderCommand = CommandOf<typeof placeOrder> | CommandOf<typeof noteOrder>;
interface OrderFacts {
  'trade.order.place': { credit: number; greeting: string };
}
const orderDecider: Decider<null, OrderCommand, EventsOf<[typeof orderPlaced]>, ByCommand<OrderFacts>> = {
  initial: null,
  decide: (given, _state, _context, facts) => {
    if (given.name === 'trade.order.note') {
      return accept(given.input.order, 1, orderPlaced.of({ order: given.input.order, amount: 0, note: String(facts) }));
    }
    const { order, amount } = given.input;
    if (!facts || amount > facts.credit) return reject('trade.credit-exceeded', 'The credit limit is too low.');
    return accept(order, 1, orderPlaced.of({ order, amount, note: facts.greeting }));
  },
  evolve: () => null,
};

function shop(greeting: () => Promise<string> = async () => 'Welcome') {
  const store = new MemoryStore();
  const catalogue = plainCatalogue([creditSet, orderPlaced]);
  const events: OperationContext['events'] = {
    stream: async function* (stream, { from = 0 } = {}) {
      for await (const stored of store.readStream(stream, { from })) yield await catalogue.fromStore(stored);
    },
  };
  const asked: string[] = [];
  const orders = decide({
    ...ofOrder,
    facts: {
      'trade.order.place': {
        credit: {
          binding: ({ input, of }) => {
            asked.push(`credit of ${input.customer === customer ? 'the customer' : 'a stranger'}`);
            return input.customer === '' ? reject('trade.customer-not-found', 'No.') : of(creditLimit, input.customer);
          },
        },
        greeting: { soft: ({ read }) => read(async () => greeting()) },
      },
    },
  });
  const executor = new CommandExecutor({
    store,
    catalogue,
    context: { events } as OperationContext,
    facts: factReader({ events, states: statesOver(events), read: (_, work) => work({} as QueryContext) }),
    secret: 'a secret of more than thirty-two characters',
  });
  const call = (operation: typeof placeOrder | typeof noteOrder | typeof setCredit, input: object, key: string) => {
    const commandId = commandIdOf(tenant, 'ada', operation.name, key);
    return {
      operation,
      input: input as Record<string, unknown>,
      caller,
      commandId,
      newId: newIdOf(commandId),
      causationId: null,
      expectedVersion: null,
    };
  };
  return {
    store,
    events,
    asked,
    executor,
    orders,
    call,
    limit: (limit: number) => executor.execute(credits, call(setCredit, { customer, limit }, `limit ${limit}`)),
    place: (amount: number, key = String(amount), more: object = {}) =>
      executor.execute(orders, call(placeOrder, { order: `order ${key}`, customer, amount, ...more }, key)),
    note: (key: string) => executor.execute(orders, call(noteOrder, { order: `order ${key}` }, `note ${key}`)),
  };
}

const ofOrder = {
  operations: [placeOrder, noteOrder],
  decider: orderDecider,
  events: [orderPlaced],
  stream: (input: OrderCommand['input'], by: Caller) => streamName('trade.order', by.tenant, input.order),
};

describe('decision facts', () => {
  it('do not compile when one is missing, is of another type, or belongs to no command', () => {
    const greeting = { soft: () => 'Welcome' };
    // @ts-expect-error A fact is missing.
    decide({ ...ofOrder, facts: { 'trade.order.place': { greeting } } });
    // @ts-expect-error A fact is of another type.
    decide({ ...ofOrder, facts: { 'trade.order.place': { greeting, credit: { binding: () => 'high' } } } });
    // @ts-expect-error A binding fact cannot be read from a read model.
    decide({ ...ofOrder, facts: { 'trade.order.place': { greeting, credit: { binding: ({ read }) => read } } } });
    // @ts-expect-error There is no such command.
    decide({ ...ofOrder, facts: { 'trade.order.place': { greeting, credit: { binding: () => 1 } }, other: {} } });
    expect(
      decide({ ...ofOrder, facts: { 'trade.order.place': { greeting, credit: { binding: () => 1 } } } }).kind,
    ).toBe('decide');
  });

  it('are read for the commands that name them, and a published state is current', async () => {
    const { limit, place, note, store } = shop();
    expect(await place(50)).toMatchObject({ code: 'trade.credit-exceeded' });
    await limit(100);
    expect(await place(50)).toMatchObject({ id: 'order 50' });
    expect(store.all.at(-1)!.data).toMatchObject({ note: 'Welcome' });
    await limit(10);
    expect(await place(60)).toMatchObject({ code: 'trade.credit-exceeded' });
    await note('1');
    expect(store.all.at(-1)!.data).toMatchObject({ note: 'undefined' });
  });

  it('are not read for a repeat, which is answered as before', async () => {
    const { limit, place, asked } = shop();
    await limit(100);
    const first = await place(50);
    await limit(10);
    expect(await place(50)).toEqual(first);
    expect(asked).toEqual(['credit of the customer']);
  });

  it('are up to ten seconds behind where they are soft, and current where they are binding', async () => {
    const { limit, events } = shop();
    let now = 0;
    const { soft, binding } = factReader({ events, states: statesOver(events, () => now) });
    const read = () => soft(caller).of(creditLimit, customer);
    await limit(100);
    expect(await read()).toBe(100);
    await limit(10);
    now = 10_000;
    expect(await read()).toBe(100);
    now = 10_001;
    expect(await read()).toBe(10);
    await limit(20);
    expect([await read(), await binding(caller).of(creditLimit, customer)]).toEqual([10, 20]);
  });

  it('are read again after a write conflict', async () => {
    const { limit, place, asked, store } = shop();
    await limit(100);
    const append = store.append.bind(store);
    store.append = async (...args) => {
      store.append = append;
      await append(args[0], 'any', [
        { ...args[2][0]!, id: newId(), meta: { ...args[2][0]!.meta, commandId: newId() } },
      ]);
      return append(...args);
    };
    expect(await place(50)).toMatchObject({ id: 'order 50' });
    expect(asked).toHaveLength(2);
  });

  it('end the command when one of them is a rejection', async () => {
    const { place, store } = shop();
    expect(await place(1, 'k', { customer: '' })).toMatchObject({ code: 'trade.customer-not-found' });
    expect(store.all).toHaveLength(0);
  });

  it('are read for a rehearsal too, which appends nothing', async () => {
    const { limit, executor, orders, call, store } = shop();
    const rehearse = (amount: number) =>
      executor.rehearse(orders, call(placeOrder, { order: 'o', customer, amount }, 'r'));
    await limit(100);
    expect(await rehearse(500)).toMatchObject({ code: 'trade.credit-exceeded' });
    expect(await rehearse(50)).toBeNull();
    expect(store.all).toHaveLength(1);
  });

  it('of the soft grade take the state in memory, those of the binding grade ask the store', async () => {
    const { limit, store, executor } = shop();
    const catalogue = plainCatalogue([creditSet]);
    const events: OperationContext['events'] = {
      stream: async function* (stream, { from = 0 } = {}) {
        for await (const stored of store.readStream(stream, { from })) yield await catalogue.fromStore(stored);
      },
    };
    const reader = factReader({ events, states: statesOver(events) });
    await limit(100);
    expect(await reader.soft(caller).of(creditLimit, customer)).toBe(100);
    await executor.execute(credits, shop().call(setCredit, { customer, limit: 10 }, 'limit 10'));
    expect(await reader.soft(caller).of(creditLimit, customer)).toBe(100);
    expect(await reader.binding(caller).of(creditLimit, customer)).toBe(10);
  });
});
