import fc from 'fast-check';
import { type EntrySource, EntriesNotLoaded, LargeMap } from './large-map.js';

const pairs = fc.array(fc.tuple(fc.nat({ max: 40 }).map(String), fc.nat()), { maxLength: 200 });
const keys = Array.from({ length: 41 }, (_, key) => String(key));

describe('a large map', () => {
  it('has the same content as a plain map, and earlier versions do not change', () => {
    fc.assert(
      fc.property(pairs, (added) => {
        let large = LargeMap.empty<number>();
        const plain = new Map<string, number>();
        const half = added.length >> 1;
        let atHalf = large;
        let plainAtHalf = new Map(plain);
        added.forEach(([key, value], n) => {
          if (n === half) [atHalf, plainAtHalf] = [large, new Map(plain)];
          large = large.with(key, value);
          plain.set(key, value);
        });
        for (const key of keys) {
          expect(large.get(key)).toBe(plain.get(key));
          expect(large.has(key)).toBe(plain.has(key));
          expect(atHalf.get(key)).toBe(plainAtHalf.get(key));
        }
        expect(large.entries()).toEqual(plain);
      }),
    );
  });

  it('has the same content over a source that holds what was in it, and holds only what came since', () => {
    fc.assert(
      fc.property(pairs, pairs, (before, since) => {
        const added = (map: LargeMap<number>) => since.reduce((one, [key, value]) => one.with(key, value), map);
        const kept = before.reduce((map, [key, value]) => map.with(key, value), LargeMap.empty<number>());
        const source: EntrySource<number> = { known: (key) => ({ value: kept.get(key) }) };
        const [whole, over] = [added(kept), added(LargeMap.from(source))];
        for (const key of keys) expect(over.get(key)).toBe(whole.get(key));
        expect([...over.entries().keys()].sort()).toEqual([...new Set(since.map(([key]) => key))].sort());
      }),
    );
  });

  it('says which entry has to be loaded first', () => {
    const loaded = new Map<string, number | undefined>();
    const map = LargeMap.from<number>({ known: (key) => (loaded.has(key) ? { value: loaded.get(key) } : null) });
    expect(() => map.get('a')).toThrow(EntriesNotLoaded);
    loaded.set('a', 1).set('b', undefined);
    expect([map.get('a'), map.has('b'), map.with('c', 3).get('c')]).toEqual([1, false, 3]);
  });
});
