/** A look-up needs an entry that is not in memory. Who folds or decides loads it and does so again: both are pure. */
export class EntriesNotLoaded extends Error {
  override readonly name = 'EntriesNotLoaded';
  constructor(readonly key: string) {
    super(`The entry ${key} is not loaded.`);
  }
}

/** Where the entries are that a map does not hold itself; `undefined` in `value` means that there is none. */
export interface EntrySource<V> {
  known(key: string): { readonly value: V | undefined } | null;
}

/**
 * A persistent (immutable) map for what grows with every event, so that folding a long stream stays pure without copying the
 * whole map each time. Additions go into layers whose sizes at least halve towards the end; layers of similar size are
 * merged. So an addition costs O(log n) copies on average, and a look-up at most log2(n) probes.
 *
 * A state that comes from a snapshot holds what was added since; the rest is in its source (docs/adr/0060).
 */
export class LargeMap<V> {
  private constructor(
    private readonly layers: readonly ReadonlyMap<string, V>[],
    private readonly source: EntrySource<V> | null,
  ) {}

  static empty<V>(): LargeMap<V> {
    return new LargeMap<V>([], null);
  }

  static from<V>(source: EntrySource<V>): LargeMap<V> {
    return new LargeMap<V>([], source);
  }

  /** Throws EntriesNotLoaded where the source has to be asked first. */
  get(key: string): V | undefined {
    const layer = this.layers.findLast((one) => one.has(key));
    if (layer || !this.source) return layer?.get(key);
    const found = this.source.known(key);
    if (!found) throw new EntriesNotLoaded(key);
    return found.value;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** A new map with the key set; this one does not change. */
  with(key: string, value: V): LargeMap<V> {
    const layers = [...this.layers];
    let top: ReadonlyMap<string, V> = new Map([[key, value]]);
    for (let below = layers.at(-1); below && below.size < 2 * top.size; below = layers.at(-1)) {
      layers.pop();
      top = new Map([...below, ...top]);
    }
    layers.push(top);
    return new LargeMap(layers, this.source);
  }

  /** How many entries it holds itself; one that was set again may be counted twice. */
  get size(): number {
    return this.layers.reduce((sum, layer) => sum + layer.size, 0);
  }

  /** Some of what it holds itself. */
  some(count: number): [string, V][] {
    return this.layers[0]?.entries().take(count).toArray() ?? [];
  }

  /** What it holds itself. */
  entries(): ReadonlyMap<string, V> {
    const [only] = this.layers;
    return this.layers.length === 1 && only ? only : new Map(this.layers.flatMap((layer) => [...layer]));
  }
}
