import { BoundedMap } from './bounded-map.js';

describe('a bounded map', () => {
  it('evicts the least recently set entries once their weight is over the limit', () => {
    const map = new BoundedMap<string, number>(10);
    map.set('a', 1, 4);
    map.set('b', 2, 4);
    map.set('a', 3, 4);
    map.set('c', 4, 4);
    expect([map.peek('a'), map.peek('b'), map.peek('c'), map.size]).toEqual([3, undefined, 4, 2]);
  });

  it('keeps a single entry that is over the limit, and nothing beside it', () => {
    const map = new BoundedMap<string, number>(10);
    map.set('a', 1, 4);
    map.set('b', 2, 40);
    expect([map.peek('a'), map.peek('b')]).toEqual([undefined, 2]);
    map.delete('b');
    map.set('c', 3, 9);
    expect([map.peek('b'), map.peek('c'), map.size]).toEqual([undefined, 3, 1]);
  });
});
