/** A monotonic clock in milliseconds that runs until a spec holds it; held, only `advance` moves it. */
export class HeldClock {
  private held: number | null = null;

  readonly now = (): number => this.held ?? performance.now();

  /** Holds the clock while the work runs. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.held = performance.now();
    try {
      return await work();
    } finally {
      this.held = null;
    }
  }

  advance(ms: number): void {
    if (this.held === null) throw new Error('Hold the clock before you move it.');
    this.held += ms;
  }
}
