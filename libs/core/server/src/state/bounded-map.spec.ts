import { BoundedMap } from './bounded-map.js';

/** The keys that are still there, of these. */
const kept = (map: BoundedMap<string, number>, ...keys: string[]) => keys.filter((key) => map.get(key) !== undefined);

describe('a bounded map', () => {
  it('evicts the least recently used entries once their weight is over the limit', () => {
    const map = new BoundedMap<string, number>(10);
    for (const key of ['a', 'b', 'c']) map.set(key, 1, 3);
    expect(map.get('a')).toBe(1);
    map.set('b', 2, 3);
    map.set('d', 1, 4);
    expect(kept(map, 'a', 'b', 'c', 'd')).toEqual(['a', 'b', 'd']);
    expect(map.get('b')).toBe(2);
  });

  it('keeps a single entry that is over the limit, and nothing beside it', () => {
    const map = new BoundedMap<string, number>(10);
    map.set('a', 1, 4);
    map.set('b', 2, 40);
    expect(kept(map, 'a', 'b')).toEqual(['b']);
    map.set('c', 3, 9);
    expect(kept(map, 'b', 'c')).toEqual(['c']);
  });

  it('has room again for what was deleted', () => {
    const map = new BoundedMap<string, number>(10);
    map.set('a', 1, 9);
    map.delete('a');
    for (const key of ['b', 'c']) map.set(key, 1, 5);
    expect(kept(map, 'a', 'b', 'c')).toEqual(['b', 'c']);
    map.clear();
    for (const key of ['d', 'e']) map.set(key, 1, 5);
    expect(kept(map, 'b', 'c', 'd', 'e')).toEqual(['d', 'e']);
  });
});
