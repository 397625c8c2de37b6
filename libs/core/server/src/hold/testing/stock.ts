import {
  accept,
  assertNever,
  type ByCommand,
  command,
  type CommandOf,
  type Decider,
  type Decision,
  event,
  type EventsOf,
  heldByAnother,
  holdRequest,
  holdStep,
  isSameStep,
  type OpenHold,
  openHold,
  reject,
  streamName,
} from '@daybook/kernel';
import * as z from 'zod';
import { decide } from '../../context.js';
import type { GrantingAggregate } from '../granting.js';

/*
 * Goods in stock, and orders that take them: how any aggregate grants holds to others. Invariant: no more is held and taken
 * than came in. A hold whose outcome is not known is in the way only of what there would otherwise be enough for.
 */
const itemId = z.string();
const record = (data: { itemId: string }) => ({ type: 'stock.item', id: data.itemId });
export const goodsReceived = event('stock.goods-received', { data: z.object({ itemId, quantity: z.int() }), record });
export const goodsHeld = event('stock.goods-held', { data: openHold.extend({ itemId, quantity: z.int() }), record });
export const goodsTaken = event('stock.goods-taken', { data: z.object({ itemId, name: z.string() }), record });
export const goodsReturned = event('stock.goods-returned', { data: z.object({ itemId, name: z.string() }), record });
export const stockEvents = [goodsReceived, goodsHeld, goodsTaken, goodsReturned] as const;
type StockEvent = EventsOf<typeof stockEvents>;

const declared = { title: 'Goods', http: 'POST /v1/stock/goods', says: 'moved goods' } as const;
export const receiveGoods = command('stock.goods.receive', {
  ...declared,
  input: z.object({ itemId, quantity: z.int() }),
});
export const holdGoods = command('stock.goods.hold', {
  ...declared,
  input: z.object({ itemId, quantity: z.int(), hold: holdRequest }),
});
const named = { itemId, quantity: z.int(), name: z.string() };
export const takeGoods = command('stock.goods.take', { ...declared, input: z.object(named) });
export const returnGoods = command('stock.goods.return', {
  ...declared,
  input: z.object({ ...named, step: holdStep, reason: z.string() }),
});
const stockCommands = [receiveGoods, holdGoods, takeGoods, returnGoods] as const;

export interface Stock {
  /** Without what was taken. */
  readonly quantity: number;
  readonly open: ReadonlyMap<string, OpenHold & { readonly quantity: number }>;
  readonly version: number;
}
const heldIn = ({ open }: Stock): number => [...open.values()].reduce((sum, { quantity }) => sum + quantity, 0);

export const stockDecider: Decider<Stock, CommandOf<(typeof stockCommands)[number]>, StockEvent> = {
  initial: { quantity: 0, open: new Map(), version: 0 },
  decide: (given, state, { now }): Decision<StockEvent> => {
    const { itemId: id, quantity } = given.input;
    const unchanged = accept<StockEvent>(id, state.version);
    const changed = (by: StockEvent) => accept(id, state.version + 1, by);
    switch (given.name) {
      case 'stock.goods.receive':
        return changed(goodsReceived.of(given.input));
      case 'stock.goods.hold': {
        const { hold } = given.input;
        const found = state.open.get(hold.name);
        const [oldest] = state.open.values();
        const held = changed(goodsHeld.of({ itemId: id, quantity, ...hold, heldAt: now }));
        if (found) return isSameStep(found, hold) ? unchanged : held;
        if (quantity <= state.quantity - heldIn(state)) return held;
        return oldest && quantity <= state.quantity
          ? heldByAnother(oldest)
          : reject('stock.not-enough', `There are ${state.quantity} left.`);
      }
      case 'stock.goods.take':
        return state.open.has(given.input.name)
          ? changed(goodsTaken.of({ itemId: id, name: given.input.name }))
          : unchanged;
      case 'stock.goods.return': {
        const found = state.open.get(given.input.name);
        return found && isSameStep(found, given.input)
          ? changed(goodsReturned.of({ itemId: id, name: found.name }))
          : unchanged;
      }
      default:
        return assertNever(given);
    }
  },
  evolve: (state, { type, data }) => {
    const version = state.version + 1;
    const open = new Map(state.open);
    switch (type) {
      case 'stock.goods-received':
        return { ...state, quantity: state.quantity + data.quantity, version };
      case 'stock.goods-held': {
        const { itemId: _, ...held } = data;
        return { ...state, open: open.set(held.name, held), version };
      }
      case 'stock.goods-taken':
      case 'stock.goods-returned': {
        const quantity = type === 'stock.goods-taken' ? (open.get(data.name)?.quantity ?? 0) : 0;
        open.delete(data.name);
        return { quantity: state.quantity - quantity, open, version };
      }
      default:
        return assertNever(type);
    }
  },
};

export const stockBinding = decide({
  operations: stockCommands,
  decider: stockDecider,
  events: stockEvents,
  stream: ({ itemId: id }, { tenant }) => streamName('stock.item', tenant, id),
  mayChangeNothing: true,
});
const stock: GrantingAggregate = { binding: stockBinding, hold: holdGoods, confirm: takeGoods, release: returnGoods };

export const orderPlaced = event('trade.order-placed', {
  data: z.object({ orderId: z.string(), itemId, quantity: z.int() }),
  record: (data) => ({ type: 'trade.order', id: data.orderId }),
});
export const placeOrder = command('trade.order.place', {
  ...declared,
  input: z.object({ itemId, quantity: z.int() }),
});
const orderDecider: Decider<
  boolean,
  CommandOf<typeof placeOrder>,
  EventsOf<[typeof orderPlaced]>,
  ByCommand<{ 'trade.order.place': { goods: string } }>
> = {
  initial: false,
  decide: ({ input }, isPlaced, { newId: orderId }) =>
    isPlaced
      ? reject('trade.order-exists', 'It is placed.')
      : accept(orderId, 1, orderPlaced.of({ orderId, ...input })),
  evolve: () => true,
};
export const orders = decide({
  operations: [placeOrder],
  decider: orderDecider,
  events: [orderPlaced],
  stream: (_, { tenant }, id) => streamName('trade.order', tenant, id),
  facts: {
    'trade.order.place': {
      goods: { held: ({ input }) => ({ from: stock, what: input, provisional: '', granted: ({ id }) => id }) },
    },
  },
});
