import pg from 'pg';
import { timeLimits } from './limits.js';
import { clientConfig, type ConnectionOptions, DatabaseClient } from './connection.js';

export interface PoolOptions extends ConnectionOptions {
  readonly max: number;
  /** Registry in which the pool is counted, under its application's name. */
  readonly pools?: Pools;
}
/** The pools of a program, each with its maximum number of connections. */
export type Pools = Map<string, { readonly pool: pg.Pool; readonly most: number }>;

type Taken = (error: Error | undefined, client: pg.PoolClient | undefined, done: pg.PoolClient['release']) => void;

/**
 * A connection pool. When one connection does not answer, none that was opened before is handed out again: the network or the
 * server is probably gone for all of them.
 */
class DatabasePool extends pg.Pool {
  /** Counts how often a connection of this pool did not answer. */
  #silences: { count: number };
  readonly #madeAt: WeakMap<object, number>;

  constructor(options: PoolOptions, config: ReturnType<typeof clientConfig>) {
    const silences = { count: 0 };
    const madeAt = new WeakMap<object, number>();
    // The client limits the time for connecting itself; with several hosts, each may be tried twice.
    const reachMs = 2 * config.target.url.hosts.length * (config.connectionTimeoutMillis ?? 0);
    super({
      ...config,
      max: options.max,
      // The longest wait for a free connection.
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
    // Without a listener, an idle connection that breaks would end the process. The pool replaces it.
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
      // After its end, Kysely fails on a connection that arrives late, and does not release it.
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
  const pool = new DatabasePool(options, clientConfig(url, { prepared: true, ...options }));
  options.pools?.set(options.application, { pool, most: options.max });
  return pool;
}
