import fc from 'fast-check';
import { PersistentMap } from './persistent-map.js';
import { copiesOf } from './testing/copies.js';

const key = fc.nat({ max: 40 }).map(String);
/** Null removes the key. */
interface Change {
  readonly key: string;
  readonly value: number | null;
}
const changes = fc.array(fc.record({ key, value: fc.option(fc.nat(), { freq: 2 }) }), { maxLength: 200 });
const changed = (map: PersistentMap<string, number>, made: readonly Change[]) =>
  made.reduce((all, one) => (one.value === null ? all.without(one.key) : all.with(one.key, one.value)), map);
function changedPlain(map: ReadonlyMap<string, number>, made: readonly Change[]) {
  const plain = new Map(map);
  for (const { key, value } of made) {
    if (value === null) plain.delete(key);
    else plain.set(key, value);
  }
  return plain;
}
const first = new Map([['7', 7], ['x', 0]]); // prettier-ignore

describe('a persistent map', () => {
  it('has what a map has, in its order, and earlier versions do not change', () => {
    fc.assert(
      fc.property(changes, changes, (made, then) => {
        const [before, plainBefore] = [changed(PersistentMap.from(first), made), changedPlain(first, made)];
        const [after, plainAfter] = [changed(before, then), changedPlain(plainBefore, then)];
        for (const [map, plain] of [
          [before, plainBefore],
          [after, plainAfter],
        ] as const) {
          expect([...map]).toEqual([...plain]);
          expect(map.size).toBe(plain.size);
          for (const one of [...plain.keys(), 'none'])
            expect([map.get(one), map.has(one)]).toEqual([plain.get(one), plain.has(one)]);
        }
      }),
    );
  });

  it('is the map itself where nothing changes, and is not copied anew', () => {
    const map = PersistentMap.from(new Map([['a', 1]]));
    expect(PersistentMap.from(map)).toBe(map);
    expect(map.without('b')).toBe(map);
    expect([...map.keys()]).toEqual(['a']);
    expect([...map.values()]).toEqual([1]);
    const seen: unknown[] = [];
    map.forEach((value, key, whole) => seen.push([key, value, whole === map]));
    expect(seen).toEqual([['a', 1, true]]);
  });

  it('copies about as many entries for each change of a large map as of a small one', () => {
    const perChange = (count: number): number => {
      const keys = Array.from({ length: count }, (_, n) => String(n));
      const copies = copiesOf(() => {
        const added = keys.reduce((map, one) => map.with(one, 1), PersistentMap.from<string, number>(new Map()));
        const left = keys.toReversed().reduce((map, one) => map.without(one), added);
        expect([added.size, left.size]).toEqual([count, 0]);
      });
      return copies / (2 * count);
    };
    // One layer more for twice as many; copying the map would be 8 times as many for 8 times the entries.
    expect(perChange(8_000) - perChange(1_000)).toBeLessThan(3 * 2);
    expect(perChange(8_000)).toBeLessThan(2 * Math.log2(8_000));
  });

  it('keeps nothing of the keys that came and went, however many these were', () => {
    let map = PersistentMap.from(new Map(Array.from({ length: 10 }, (_, n) => [`stays ${n}`, n])));
    for (let n = 0; n < 10_000; n++) {
      map = map.with(`goes ${n}`, n);
      if (n >= 3) map = map.without(`goes ${n - 3}`);
    }
    expect(map.size).toBe(13);
    // Whoever walks it copies all that it holds.
    expect(copiesOf(() => [...map])).toBeLessThan(4 * map.size);
  });
});
