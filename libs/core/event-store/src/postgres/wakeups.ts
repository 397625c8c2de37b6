import type { Listener } from '@daybook/postgres';

/** Wakes waiting readers on notifications of a channel. While the connection is lost, they poll. */
export class Wakeups {
  readonly #waiting = new Set<() => void>();
  #hearing: (() => void) | undefined;
  /** Counts wake-ups, so that one between a read and the wait after it is not missed. */
  #count = 0;
  #listening = false;
  #connections = 0;
  #closed = false;

  constructor(
    private readonly listener: Listener,
    private readonly channel: string,
    /** Called with the payload of each notification. */
    private readonly onHeard: (payload: string) => void = () => undefined,
    /** Called when listening began again: notifications may have been missed. */
    private readonly onRestored: () => void = () => undefined,
  ) {}

  /** How often listening began: notifications may have been missed in between. */
  get connections(): number {
    return this.#connections;
  }

  get count(): number {
    return this.#count;
  }

  /** Is the connection up? While it is not, callers must not rely on notifications. */
  get listening(): boolean {
    return this.#listening;
  }

  start(): void {
    if (this.#closed) return;
    this.#hearing ??= this.listener.on(this.channel, {
      heard: (payload) => {
        this.onHeard(payload);
        this.#wake();
      },
      restored: () => {
        // Notifications may have been missed while the connection was lost.
        this.#connections++;
        this.onRestored();
        this.#wake();
        this.#listening = true;
      },
      lost: () => (this.#listening = false),
    });
  }

  /** Waits for the next wake-up after `seen`, at most `pollMs`. */
  async after(seen: number, pollMs: number, signal: AbortSignal): Promise<void> {
    this.start();
    if (this.#count !== seen || signal.aborted) return;
    await new Promise<void>((done) => {
      const wake = (): void => {
        clearTimeout(poll);
        signal.removeEventListener('abort', wake);
        this.#waiting.delete(wake);
        done();
      };
      const poll = setTimeout(wake, pollMs);
      signal.addEventListener('abort', wake);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    this.#count++;
    for (const wake of [...this.#waiting]) wake();
  }

  close(): void {
    this.#closed = true;
    this.#listening = false;
    this.#hearing?.();
    this.#wake();
  }
}
