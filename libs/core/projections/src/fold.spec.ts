import * as z from 'zod';
import { Fold } from './fold.js';
import { change, patch, put, remove, tableOf } from './table.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const things = tableOf('things', z.object({ id: z.string(), n: z.int() }), ['id']);
const log = tableOf('log', z.object({ id: z.string(), no: z.string() }), ['id'], {
  history: 'append-only',
  sequence: 'no',
});
const thing = (n: number) => ({ id: 'a', n });

/** A fold that has loaded the row `a`. */
function foldWith(stored: { n: number; from: bigint } | null): Fold {
  const fold = new Fold();
  fold.learn({ table: things, tenant, key: ['a'] }, stored && { values: thing(stored.n), from: stored.from });
  return fold;
}
const slotOf = (fold: Fold) => {
  const [slot] = fold.drain()[0]?.slots ?? [];
  return slot && { present: slot.present, past: slot.past };
};

describe('the fold', () => {
  it('makes one version per event, and keeps the version before it', () => {
    const fold = foldWith({ n: 1, from: 3n });
    fold.apply(tenant, 5n, [put(things, thing(2)), patch(things, { id: 'a' }, ({ n }) => ({ n: n + 10 }))]);
    fold.apply(tenant, 6n, [put(things, thing(3))]);
    expect(slotOf(fold)).toEqual({
      present: { values: thing(3), from: 6n },
      past: [
        { values: thing(1), from: 3n, to: 5n },
        { values: thing(12), from: 5n, to: 6n },
      ],
    });
  });

  it('continues the version of the same position after it is loaded again', () => {
    const fold = foldWith({ n: 1, from: 5n });
    fold.apply(tenant, 5n, [put(things, thing(2))]);
    expect(slotOf(fold)).toEqual({ present: { values: thing(2), from: 5n }, past: [] });
  });

  it('keeps a removed row as history, and nothing of a row that one event created and removed', () => {
    const removed = foldWith({ n: 1, from: 3n });
    removed.apply(tenant, 4n, [remove(things, { id: 'a' })]);
    expect(slotOf(removed)).toEqual({
      present: { values: null, from: 4n },
      past: [{ values: thing(1), from: 3n, to: 4n }],
    });
    const never = foldWith(null);
    never.apply(tenant, 4n, [put(things, thing(1)), remove(things, { id: 'a' })]);
    expect(slotOf(never)).toBeUndefined();
  });

  it('applies an event completely or not at all', () => {
    const fold = foldWith(null);
    expect(() => fold.apply(tenant, 4n, [put(things, thing(1)), patch(things, { id: 'b' }, { n: 2 })])).toThrow(
      'things has no row {"id":"b"} to change',
    );
    expect(fold.drain()).toEqual([]);
  });

  it('refuses to change a key, and gives handlers frozen rows', () => {
    const fold = foldWith({ n: 1, from: 3n });
    expect(() => fold.apply(tenant, 4n, [change(things, { id: 'a' }, () => ({ id: 'b', n: 1 }))])).toThrow(
      /move a row's key/,
    );
    fold.apply(tenant, 4n, [put(things, thing(2))]);
    const inPlace = change(things, { id: 'a' }, (row) => Object.assign(row!, { n: 9 }));
    expect(() => fold.apply(tenant, 5n, [inPlace])).toThrow(/read only/);
  });

  it('numbers new rows per tenant, and each row once', () => {
    const fold = new Fold();
    fold.learnCounter(log, tenant, 41n);
    fold.apply(tenant, 4n, [put(log, { id: 'a', no: '' }), put(log, { id: 'b', no: '' })]);
    expect(() => fold.apply(tenant, 5n, [put(log, { id: 'a', no: '' })])).toThrow(/append-only/);
    const [drained] = fold.drain();
    expect(drained!.slots.map((s) => s.present.values)).toEqual([
      { id: 'a', no: '42' },
      { id: 'b', no: '43' },
    ]);
    expect(drained!.counters).toEqual([[tenant, 43n]]);
  });
});
