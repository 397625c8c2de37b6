/** A monotonic clock in milliseconds that runs until a spec holds it; held, only `advance` moves it. It never goes back. */
export class HeldClock {
  private held: number | null = null;
  private ahead = 0;

  readonly now = (): number => this.held ?? performance.now() + this.ahead;
  /** The same as a moment in time. */
  readonly wall = (): number => performance.timeOrigin + this.now();

  /** Holds the clock while the work runs. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.held = this.now();
    try {
      return await work();
    } finally {
      this.ahead = Math.max(this.ahead, this.held - performance.now());
      this.held = null;
    }
  }

  advance(ms: number): void {
    if (this.held === null) throw new Error('Hold the clock before you move it.');
    this.held += ms;
  }
}
