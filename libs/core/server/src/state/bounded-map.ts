/** Bounded by the weight of its values: the least recently used are evicted first. The newest always stays. */
export class BoundedMap<K, V> {
  private readonly entries = new Map<K, { readonly value: V; readonly weight: number }>();
  private weight = 0;

  constructor(private readonly maxWeight: number) {}

  /** Does not count as use. */
  peek(key: K): V | undefined {
    return this.entries.get(key)?.value;
  }

  /** Sets the value, as the most recently used one. */
  set(key: K, value: V, weight: number): void {
    this.delete(key);
    this.entries.set(key, { value, weight });
    this.weight += weight;
    for (const oldest of this.entries.keys()) {
      if (this.weight <= this.maxWeight || oldest === key) break;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    this.weight -= this.entries.get(key)?.weight ?? 0;
    this.entries.delete(key);
  }

  get size(): number {
    return this.entries.size;
  }
}
