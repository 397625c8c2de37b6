/**
 * A persistent (immutable) map, so that folding a long stream stays pure without copying the whole map at each event.
 * Additions go into layers whose sizes at least halve towards the end; layers of similar size are merged. So an addition
 * costs O(log n) copies on average, and a look-up at most log2(n) probes.
 */
export class LayeredMap<K, V> {
  private constructor(private readonly layers: readonly ReadonlyMap<K, V>[]) {}

  static empty<K, V>(): LayeredMap<K, V> {
    return new LayeredMap<K, V>([]);
  }

  get(key: K): V | undefined {
    for (let i = this.layers.length - 1; i >= 0; i--) {
      const layer = this.layers[i];
      if (layer?.has(key)) return layer.get(key);
    }
    return undefined;
  }

  has(key: K): boolean {
    return this.layers.some((layer) => layer.has(key));
  }

  /** A new map with the key set; this one does not change. */
  with(key: K, value: V): LayeredMap<K, V> {
    const layers = [...this.layers];
    let top: ReadonlyMap<K, V> = new Map([[key, value]]);
    for (let below = layers.at(-1); below && below.size < 2 * top.size; below = layers.at(-1)) {
      layers.pop();
      top = new Map([...below, ...top]);
    }
    layers.push(top);
    return new LayeredMap(layers);
  }
}
