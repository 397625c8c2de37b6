/**
 * Work that begins after the answer is given: so the time of the answer does not tell what there was to do. It is not
 * repeated after a crash, so it suits what a person asks for again when nothing comes.
 */
export class Later {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly onError: (what: string, error: unknown) => void) {}

  add(what: string, work: () => Promise<void>): void {
    // On the next turn of the event loop: the caller's own steps come first.
    const running = new Promise<void>((begin) => setImmediate(begin))
      .then(work)
      .catch((error: unknown) => this.onError(what, error))
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  /** Resolves when all of it has ended, what it began itself included. */
  async done(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
