/** With its place in the order of the map; null for a key that was removed. */
type Entry<V> = { readonly at: number; readonly value: V } | null;

/**
 * A `Map` that does not change: each addition or removal makes a new one, and shares with it what both have, so that a stream of
 * many records folds in time that is linear in its events, where copying the whole map for each would be quadratic.
 *
 * Changes go into layers whose sizes at least halve towards the end; layers of similar size are merged. So a change costs
 * O(log n) copies on average, and a look-up at most log2(n) probes. The order is that of a `Map`.
 */
export class PersistentMap<K, V> implements ReadonlyMap<K, V> {
  private walked: ReadonlyMap<K, V> | null = null;

  private constructor(
    private readonly layers: readonly ReadonlyMap<K, Entry<V>>[],
    readonly size: number,
    /** The place of the next new key. */
    private readonly next: number,
  ) {}

  static from<K, V>(map: ReadonlyMap<K, V>): PersistentMap<K, V> {
    if (map instanceof PersistentMap) return map as PersistentMap<K, V>;
    const entries = [...map].map(([key, value], at) => [key, { at, value }] as const);
    return new PersistentMap(entries.length === 0 ? [] : [new Map(entries)], map.size, map.size);
  }

  with(key: K, value: V): PersistentMap<K, V> {
    const before = this.entry(key);
    return before
      ? this.changed(key, { at: before.at, value }, this.size, this.next)
      : this.changed(key, { at: this.next, value }, this.size + 1, this.next + 1);
  }

  without(key: K): PersistentMap<K, V> {
    return this.has(key) ? this.changed(key, null, this.size - 1, this.next) : this;
  }

  get(key: K): V | undefined {
    return this.entry(key)?.value;
  }

  has(key: K): boolean {
    return this.entry(key) !== null;
  }

  /** Made when it is walked for the first time, and kept: a state is walked more often than it changes. */
  private get whole(): ReadonlyMap<K, V> {
    if (this.walked) return this.walked;
    const all = new Map(this.layers.flatMap((layer) => [...layer]));
    const kept = [...all].flatMap(([key, entry]) => (entry ? [{ key, ...entry }] : []));
    return (this.walked = new Map(kept.sort((one, other) => one.at - other.at).map(({ key, value }) => [key, value])));
  }

  entries(): MapIterator<[K, V]> {
    return this.whole.entries();
  }

  keys(): MapIterator<K> {
    return this.whole.keys();
  }

  values(): MapIterator<V> {
    return this.whole.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }

  private entry(key: K): Entry<V> {
    return this.layers.findLast((layer) => layer.has(key))?.get(key) ?? null;
  }

  private changed(key: K, entry: Entry<V>, size: number, next: number): PersistentMap<K, V> {
    const layers = [...this.layers];
    let top: ReadonlyMap<K, Entry<V>> = new Map([[key, entry]]);
    for (let below = layers.at(-1); below && below.size < 2 * top.size; below = layers.at(-1)) {
      layers.pop();
      top = new Map([...below, ...top]);
    }
    // Nothing is below in which a removed key could still be: else what came and went would be kept for ever.
    if (layers.length === 0 && top.size > size) top = new Map([...top].filter(([, one]) => one !== null));
    return new PersistentMap(top.size === 0 ? layers : [...layers, top], size, next);
  }
}
