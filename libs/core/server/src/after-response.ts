/**
 * Runs work after the response was sent, so that response times reveal nothing about that work (whether an address is
 * known). Nothing is retried after a crash: what must not be lost goes into a table first and is picked up with `every`.
 */
export class AfterResponseQueue {
  private readonly running = new Set<Promise<void>>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly closing = new AbortController();
  /** Aborted on shutdown: work in many steps stops after the current one, and another process goes on. */
  readonly stopping = this.closing.signal;

  constructor(private readonly onError: (what: string, error: unknown) => void) {}

  add(what: string, work: () => Promise<void>): void {
    // On the next turn of the event loop, after the caller's own steps.
    const running = new Promise<void>((begin) => setImmediate(begin))
      .then(work)
      .catch((error: unknown) => this.onError(what, error))
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Repeats until shutdown; a run is skipped while the previous one is still going. */
  every(what: string, ms: number, work: () => Promise<void>): void {
    let busy = false;
    const timer = setInterval(() => {
      if (busy) return;
      busy = true;
      this.add(what, () => work().finally(() => (busy = false)));
    }, ms);
    this.timers.add(timer.unref());
  }

  /** Stops the timers and resolves when all work has ended, including work that it queued itself. */
  async done(): Promise<void> {
    this.closing.abort();
    for (const timer of this.timers) clearInterval(timer);
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
