import { LargeMap, PersistentMap } from '@daybook/kernel';
import { bytesOf, fromJson, toJson } from './state-json.js';

describe('a state as JSON', () => {
  it('is the same state when it is read again, without its large maps', () => {
    const state = {
      status: 'open' as const,
      none: null,
      accounts: new Map([['1920', { number: '1920', tags: new Set(['a', 'b']) }]]),
      byPair: new Map([[['a', 1], new Map([[1, [true]]])]]),
      entries: LargeMap.empty<number>().with('a', 1),
    };
    const { entries: _, ...kept } = state;
    expect(fromJson(JSON.parse(JSON.stringify(toJson(state))))).toEqual(kept);
  });

  it('is the same whether its maps were made at once or key by key', () => {
    const plain = new Map([['b', { n: 1 }], ['a', { n: 2 }]]); // prettier-ignore
    const byKey = PersistentMap.from(new Map([['b', { n: 0 }]])).with('c', { n: 3 }).with('a', { n: 2 }).without('c').with('b', { n: 1 }); // prettier-ignore
    expect(toJson({ plain: byKey })).toEqual(toJson({ plain }));
    expect(bytesOf(byKey)).toBe(bytesOf(plain));
  });

  it('holds plain data only', () => {
    expect(() => toJson({ at: new Date() })).toThrow('no Date');
  });

  it('takes about as many bytes as its texts, also of large collections', () => {
    const text = 'x'.repeat(1_000);
    const list = Array.from({ length: 10_000 }, () => text);
    const large = list.reduce((map, one, i) => map.with(String(i), one), LargeMap.empty<string>());
    for (const state of [list, new Set(list.map((one, i) => one + i)), new Map(list.entries()), { large }]) {
      const bytes = bytesOf(state);
      expect([bytes > 20_000_000, bytes < 25_000_000]).toEqual([true, true]);
    }
    expect(bytesOf({ a: 'short' })).toBeLessThan(200);
  });
});
