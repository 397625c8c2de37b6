import {
  type CommandOperation,
  commandIdOf,
  type CommandResult,
  isEventOf,
  isRejection,
  newId,
  type Rejection,
} from '@daybook/kernel';
import fc from 'fast-check';
import { CommandExecutor, newIdOf } from '../command/command-executor.js';
import type { DecideBinding, OperationContext } from '../context.js';
import { MemoryStore, plainCatalogue } from '../testing/memory-store.js';
import { holdEvents } from './hold.events.js';
import { callerIn, done } from './testing/contacts.js';
import { MemoryRows } from './testing/memory-reservations.js';
import { type Fate, Killed, mortal } from './testing/mortal.js';
import {
  goodsHeld,
  goodsReceived,
  goodsReturned,
  goodsTaken,
  holdGoods,
  orderPlaced,
  orders,
  placeOrder,
  receiveGoods,
  returnGoods,
  type Stock,
  stockBinding,
  stockDecider,
  stockEvents,
  takeGoods,
} from './testing/stock.js';

const tenant = newId();
const catalogue = plainCatalogue([...stockEvents, orderPlaced, ...holdEvents]);

/** A warehouse with so many of one item, and processes that place orders. */
async function warehouse(quantity: number) {
  const store = new MemoryStore();
  const process = (fate: Fate | null = null) => {
    const executor = new CommandExecutor({
      store: mortal(store, new MemoryRows(), fate).store,
      catalogue,
      context: {} as OperationContext,
      secret: 'a secret of more than thirty-two characters',
      patience: { inTheWayMs: 0, elsewhereMs: 0 },
    });
    const send = (binding: DecideBinding, operation: CommandOperation, input: Record<string, unknown>, key: string) => {
      const commandId = commandIdOf(tenant, 'ada', operation.name, key);
      const ids = { commandId, newId: newIdOf(commandId), causationId: null, expectedVersion: null };
      return executor.execute(binding, { operation, input, caller: callerIn(tenant), ...ids });
    };
    return {
      receive: () => send(stockBinding, receiveGoods, { itemId: 'coffee', quantity }, 'receive'),
      place: (ordered: number, key: string) => send(orders, placeOrder, { itemId: 'coffee', quantity: ordered }, key),
    };
  };
  done(await process().receive());
  const books = async () => {
    let stock: Stock = stockDecider.initial;
    let ordered = 0;
    for await (const stored of store.readAll()) {
      const event = await catalogue.fromStore(stored);
      if (isEventOf(stockEvents, event)) stock = stockDecider.evolve(stock, event, event);
      if (event.type === orderPlaced.name) ordered += (event.data as { quantity: number }).quantity;
    }
    return { stock, ordered };
  };
  return { store, process, books };
}

describe('a hold on goods that one aggregate grants to the orders of another', () => {
  it('is taken with the order, or refused by the rule of the granting aggregate', async () => {
    const { store, process, books } = await warehouse(5);
    done(await process().place(3, 'a'));
    expect(await process().place(3, 'b')).toMatchObject({ code: 'stock.not-enough', message: 'There are 2 left.' });
    done(await process().place(2, 'c'));
    expect(await books()).toMatchObject({ ordered: 5, stock: { quantity: 0 } });
    const types = store.all.map(({ type }) => type.replace('.v1', ''));
    expect(types.slice(0, 4)).toEqual([goodsReceived, goodsHeld, orderPlaced, goodsTaken].map(({ name }) => name));
    expect(store.all.filter(({ meta }) => meta.holds).map(({ type }) => type)).toEqual(Array(2).fill('trade.order-placed.v1')); // prettier-ignore
    expect(new Set(store.all.map(({ meta }) => meta.operation))).toEqual(
      new Set([receiveGoods, holdGoods, placeOrder, takeGoods].map(({ name }) => name)),
    );
  });

  it('never sells more than there is, nor loses any, wherever processes die', async () => {
    const acts = fc.record({
      ordered: fc.integer({ min: 1, max: 4 }),
      fate: fc.option(
        fc.record({
          call: fc.integer({ min: 1, max: 12 }),
          when: fc.constantFrom('before' as const, 'after' as const),
        }),
        { freq: 2, nil: null },
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(acts, { minLength: 2, maxLength: 6 }), async (plan) => {
        const { process, books } = await warehouse(6);
        const place = (by: ReturnType<typeof process>, ordered: number, key: string) =>
          by.place(ordered, key).catch((error: unknown): CommandResult | Rejection | Killed => {
            if (error instanceof Killed) return error;
            throw error;
          });
        for (const [index, { ordered, fate }] of plan.entries()) {
          await place(process(fate), ordered, String(index));
          expect((await books()).ordered).toBeLessThanOrEqual(6);
        }
        // Orders of one until nothing is left: whatever dead processes held is found and given back or taken.
        let last: CommandResult | Rejection | Killed;
        let more = 0;
        do last = await place(process(), 1, `more ${(more += 1)}`);
        while (!(last instanceof Killed) && !isRejection(last));
        expect(last).toMatchObject({ code: 'stock.not-enough' });
        const { ordered, stock } = await books();
        expect([ordered, stock.quantity]).toEqual([6, 0]);
      }),
      { numRuns: 100 },
    );
  });

  it('is given back by the name of the hold', () => {
    const step = { stream: 's', revision: 0, commandId: newId() };
    const held = goodsHeld.of({ itemId: 'coffee', quantity: 2, name: newId(), step, heldAt: '2026-03-31T12:00:00Z' });
    const received = goodsReceived.of({ itemId: 'coffee', quantity: 3 });
    const state = [received, held].reduce((s, e) => stockDecider.evolve(s, e, { revision: 0 }), stockDecider.initial);
    const release = (name: string, revision: number) =>
      stockDecider.decide(
        {
          name: returnGoods.name,
          input: { itemId: 'coffee', quantity: 2, name, step: { ...step, revision }, reason: 'R' },
        },
        state,
        { now: '2026-03-31T12:00:00Z' } as never,
        undefined,
      );
    expect(release(held.data.name, 0)).toMatchObject({ events: [goodsReturned.of({ itemId: 'coffee', name: held.data.name })] }); // prettier-ignore
    expect(release(newId(), 0)).toMatchObject({ events: [] });
    expect(release(held.data.name, 1)).toMatchObject({ events: [] });
  });
});
