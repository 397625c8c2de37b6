/**
 * Batches calls of one turn of the event loop, like DataLoader, but caches nothing. At most `maxConcurrent` batches run at
 * once. A call never joins a running batch: its answer may be older than the call.
 */
export class Batcher<K, V> {
  private waiting = new Map<K, { resolve: (value: V) => void; reject: (error: unknown) => void }[]>();
  private running = 0;
  private scheduled = false;

  constructor(
    private readonly loadBatch: (keys: readonly K[]) => Promise<readonly V[]>,
    private readonly maxConcurrent = 4,
  ) {}

  load(key: K): Promise<V> {
    return new Promise((resolve, reject) => {
      const callers = this.waiting.get(key) ?? [];
      callers.push({ resolve, reject });
      this.waiting.set(key, callers);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.scheduled || this.running >= this.maxConcurrent || this.waiting.size === 0) return;
    this.scheduled = true;
    process.nextTick(() => {
      this.scheduled = false;
      void this.runBatch();
    });
  }

  private async runBatch(): Promise<void> {
    const batch = this.waiting;
    this.waiting = new Map();
    this.running += 1;
    try {
      const values = await this.loadBatch([...batch.keys()]);
      [...batch.values()].forEach((callers, index) => {
        for (const { resolve } of callers) resolve(values[index] as V);
      });
    } catch (error) {
      for (const callers of batch.values()) for (const { reject } of callers) reject(error);
    } finally {
      this.running -= 1;
      this.schedule();
    }
  }
}
