/**
 * Work that begins after the answer is given: so the time of the answer does not tell what there was to do. It is not
 * repeated after a crash: what must not be lost is kept in a table first, and looked for with `every`.
 */
export class AfterResponseQueue {
  private readonly running = new Set<Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly onError: (what: string, error: unknown) => void) {}

  add(what: string, work: () => Promise<void>): void {
    // On the next turn of the event loop: the caller's own steps come first.
    const running = new Promise<void>((begin) => setImmediate(begin))
      .then(work)
      .catch((error: unknown) => this.onError(what, error))
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Again and again until all is done with; a turn that comes while the one before is still at work is left out. */
  every(what: string, ms: number, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.add(what, () => work().finally(() => (busy = false)));
    }, ms);
    this.timers.add(timer.unref());
  }

  /** Resolves when all of it has ended, what it began itself included. */
  async done(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
