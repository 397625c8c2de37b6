/** A monotonic clock in milliseconds that runs until a spec freezes it; then only `advance` moves it. It never goes back. */
export class FakeClock {
  private frozenAt: number | null = null;
  private ahead = 0;

  readonly now = (): number => this.frozenAt ?? performance.now() + this.ahead;
  /** The same as a moment in time. */
  readonly wall = (): number => performance.timeOrigin + this.now();

  get isFrozen(): boolean {
    return this.frozenAt !== null;
  }

  /** Freezes the clock while the work runs. */
  async freeze<T>(work: () => Promise<T>): Promise<T> {
    this.frozenAt = this.now();
    try {
      return await work();
    } finally {
      this.ahead = Math.max(this.ahead, this.frozenAt - performance.now());
      this.frozenAt = null;
    }
  }

  advance(ms: number): void {
    if (this.frozenAt === null) throw new Error('Freeze the clock before you move it.');
    this.frozenAt += ms;
  }
}
