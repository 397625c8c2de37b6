import pg from 'pg';
import { timeLimits } from './limits.js';
import { clientConfig, type ConnectionOptions, DatabaseClient } from './connection.js';

export interface PoolOptions extends ConnectionOptions {
  readonly max: number;
  /** Where the pool is entered under its application's name, to be counted. */
  readonly pools?: Pools;
}
/** The pools of a program, and how many connections each may hold. */
export type Pools = Map<string, { readonly pool: pg.Pool; readonly most: number }>;

type Taken = (error: Error | undefined, client: pg.PoolClient | undefined, done: pg.PoolClient['release']) => void;

/**
 * Connections that are made when they are needed and shared. When one of them gives no answer, those that were made before
 * that moment are suspects (the line, or the server, is gone for all of them): none is handed out again.
 */
class DatabasePool extends pg.Pool {
  /** Counts the times that a connection of this pool was silent. */
  #silences: { count: number };
  readonly #madeAt: WeakMap<object, number>;

  constructor(options: PoolOptions, config: ReturnType<typeof clientConfig>) {
    const silences = { count: 0 };
    const madeAt = new WeakMap<object, number>();
    // The client itself sees to the time that reaching a server may take; with several hosts, each may be asked twice.
    const reachMs = 2 * config.target.url.hosts.length * (config.connectionTimeoutMillis ?? 0);
    super({
      ...config,
      max: options.max,
      // Who waits for a free connection waits so long.
      connectionTimeoutMillis: Math.max((options.timeLimits ?? timeLimits.request).waitMs, reachMs),
      Client: class extends DatabaseClient {
        constructor() {
          super(config);
          const made = silences.count;
          madeAt.set(this, made);
          this.once('silent', () => (silences.count = Math.max(silences.count, made + 1)));
        }
      },
    });
    this.#silences = silences;
    this.#madeAt = madeAt;
    // Without a listener a connection that breaks while idle would end the process. The pool has already replaced it.
    this.on('error', () => undefined);
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Taken): void;
  override connect(callback?: Taken): Promise<pg.PoolClient> | undefined {
    const taken = this.#takeTrusted();
    if (!callback) return taken;
    taken.then(
      (client) => callback(undefined, client, client.release.bind(client)),
      (error: Error) => callback(error, undefined, () => undefined),
    );
    return undefined;
  }

  async #takeTrusted(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await super.connect();
      // Kysely forgets its pool when it ends, fails over a connection that comes after that, and never gives it back.
      if (this.ending) {
        client.release(true);
        throw new Error('The pool has ended.');
      }
      if (this.#madeAt.get(client) === this.#silences.count) return client;
      client.release(true);
    }
  }
}

export function createPool(url: string, options: PoolOptions): pg.Pool {
  const pool = new DatabasePool(options, clientConfig(url, options));
  options.pools?.set(options.application, { pool, most: options.max });
  return pool;
}
