import { Client } from 'pg';
import { Backoff } from '../backoff.js';

/**
 * Listens on a connection of its own and wakes who waits. A lost connection is made again; whoever waits meanwhile is
 * woken by his own poll.
 */
export class Wakeups {
  readonly #stop = new AbortController();
  #waiting = new Set<() => void>();
  #client: Client | undefined;
  #running: Promise<void> | undefined;
  /** Counts wake-ups, so that one between a read and the wait after it is not missed. */
  #count = 0;
  #listening = false;
  #connections = 0;

  constructor(
    private readonly url: string,
    private readonly channel: string,
    /** What was said with each notification. */
    private readonly onHeard: (payload: string) => void = () => undefined,
  ) {}

  /** How often listening began: between two of them anything may have been said. */
  get connections(): number {
    return this.#connections;
  }

  get count(): number {
    return this.#count;
  }

  /** Is the connection up? While it is not, whoever relies on being told must look himself. */
  get listening(): boolean {
    return this.#listening;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Until the next wake-up after `seen`, at most `pollMs`. */
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

  async #run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.#stop.signal.aborted) {
      const client = new Client({
        connectionString: this.url,
        application_name: 'daybook listen',
        connectionTimeoutMillis: 10_000,
        keepAlive: true,
      });
      this.#client = client;
      const lost = new Promise<void>((done) => client.once('end', done).on('error', () => done())).then(
        () => (this.#listening = false),
      );
      try {
        await client.connect();
        client.on('notification', ({ payload = '' }) => {
          this.onHeard(payload);
          this.#wake();
        });
        await client.query(`listen ${this.channel}`);
        backoff.reset();
        // Something may have happened while nobody listened.
        this.#connections++;
        this.#wake();
        this.#listening = !this.#stop.signal.aborted;
        if (this.#listening) await lost;
      } catch {
        // Tried again below; the polls of those who wait show a database that stays away.
      } finally {
        await client.end().catch(() => undefined);
      }
      await backoff.wait(this.#stop.signal);
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    // A client that is ended while it connects never answers; that one ends when it has connected.
    if (this.#listening) await this.#client?.end().catch(() => undefined);
    await this.#running;
  }
}
