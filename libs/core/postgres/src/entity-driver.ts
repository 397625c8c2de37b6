import { AsyncLocalStorage } from 'node:async_hooks';
import { isId } from '@daybook/kernel';
import {
  type AnyEntity,
  type Configuration,
  type Dictionary,
  type DriverException,
  type EntityData,
  isRaw,
  type LoggingOptions,
  type NativeQueryBuilder,
  PostgreSqlConnection,
  PostgreSqlDriver,
  type QueryResult,
  type RawQueryFragment,
  type SessionContext,
  type Transaction,
  Utils,
} from '@mikro-orm/postgresql';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Kysely,
  PostgresDialect,
  PostgresDriver,
  Transaction as KyselyTransaction,
  type TransactionSettings,
} from 'kysely';
import pg from 'pg';
import { abortable } from './abortable.js';
import type { UnawaitedQuery } from './round-trips.js';

/*
 * MikroORM's driver for PostgreSQL with five changes:
 * - Values are bound as parameters. MikroORM writes them into the text of a statement, and PostgreSQL logs the text of each
 *   statement that fails: password hashes and sealed keys would end up in the server's log.
 * - Errors contain no values of the row. MikroORM adds PostgreSQL's detail, which has them, to the message.
 * - A transaction begins and gets its session variables (such as the tenant) in one round trip instead of two; where connections are
 *   a pipeline, in that of its first statement.
 * - A snapshot runs a first statement in the same round trip (`inSnapshot`). Nobody waits for the end of what only reads.
 * - Statements of a snapshot do not wait for each other: what is asked at once is sent at once, where connections are a pipeline.
 */

type Statement = string | NativeQueryBuilder | RawQueryFragment;
type Begin = NonNullable<Parameters<PostgreSqlConnection['begin']>[0]>;
type Variables = NonNullable<SessionContext['variables']>;

/** Settings of the transaction that begins; Kysely cannot pass them to the driver. */
interface Beginning {
  readonly variables: Variables;
  /** A statement without parameters, and the receiver of its rows. */
  readonly first?: { readonly sql: string; readonly answered: (began: Began) => void };
}
interface Began {
  /** The process of the server that carries out the transaction. */
  readonly pid: number;
  readonly rows: readonly unknown[];
  /** The connection, if it is a pipeline. */
  readonly pipeline: DatabaseConnection | null;
}
const beginning = new AsyncLocalStorage<Beginning | null>();

/** The client that `acquireConnection` took from the pool; private in Kysely. */
const acquired = new AsyncLocalStorage<{ client: pg.PoolClient | null }>();

/**
 * Some of Kysely's transactions release a connection only after begin, commit or rollback have succeeded, others always. A client
 * whose begin or rollback failed is removed from the pool here, once: otherwise it would leak, or be handed out in an aborted
 * transaction.
 */
class EntityTransactions extends PostgresDriver {
  readonly #clients = new WeakMap<DatabaseConnection, pg.PoolClient>();
  /** Connections in a transaction that only reads. */
  readonly #reading = new WeakSet<DatabaseConnection>();
  /** Why the transaction of a connection did not begin: what was sent behind it ran outside of one. */
  readonly #unbegun = new WeakMap<DatabaseConnection, unknown>();
  /** Connections whose client is not in the pool any more. */
  readonly #removed = new WeakSet<DatabaseConnection>();
  readonly #isPipeline: boolean;

  constructor(pool: pg.Pool) {
    const connect = async (): Promise<pg.PoolClient> => {
      const client = await pool.connect();
      const taken = acquired.getStore();
      if (taken) taken.client = client;
      return client;
    };
    super({
      pool: new Proxy(pool, {
        get: (target, name): unknown => (name === 'connect' ? connect : Reflect.get(target, name)),
      }),
    });
    this.#isPipeline = pool.options.pipeline === true;
  }

  override async acquireConnection(
    ...given: Parameters<PostgresDriver['acquireConnection']>
  ): Promise<DatabaseConnection> {
    const taken: { client: pg.PoolClient | null } = { client: null };
    const connection = await acquired.run(taken, () => super.acquireConnection(...given));
    if (taken.client) this.#clients.set(connection, taken.client);
    return connection;
  }

  override beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const mode = `isolation level ${settings.isolationLevel ?? 'read committed'} ${settings.accessMode ?? 'read write'}`;
    const { variables = {}, first } = beginning.getStore() ?? {};
    const set = Object.entries(variables).map(
      ([name, value]) =>
        `set local ${pg.escapeIdentifier(name).replace('.', '"."')} = ${pg.escapeLiteral(String(value))}`,
    );
    const text = [`begin ${mode}`, ...set].join('; ');
    const client = this.#clients.get(connection)!;
    if (settings.accessMode === 'read only') this.#reading.add(connection);
    this.#unbegun.delete(connection);
    return this.#orRemove(connection, async () => {
      if (first) return first.answered(await this.#beginWith(connection, text, first.sql));
      const answer: Promise<unknown> = client.query(text);
      // Nobody waits for it. Where it fails, most statements behind it do too; the end of the transaction tells of all.
      if (this.#isPipeline) return void answer.catch((error) => this.#unbegun.set(connection, error));
      await answer;
    });
  }

  /** In one round trip, and in a pipeline with the first statement prepared: then it is one of its own. Answers its rows, too. */
  async #beginWith(connection: DatabaseConnection, begin: string, sql: string): Promise<Began> {
    const client = this.#clients.get(connection)!;
    const pid = 'select pg_backend_pid() as pid';
    const results = (text: string) => client.query(text) as unknown as Promise<pg.QueryResult[]>;
    if (!this.#isPipeline) {
      const [process, rows] = (await results(`${begin}; ${pid}; ${sql}`)).slice(-2);
      return { pid: process!.rows[0].pid, rows: rows!.rows, pipeline: null };
    }
    const [begun, { rows }] = await Promise.all([results(`${begin}; ${pid}`), client.query({ text: sql, values: [] })]);
    return { pid: begun.at(-1)!.rows[0].pid, rows, pipeline: connection };
  }

  /** Nothing depends on how a reading transaction ends; what its connection is used for next is sent behind the end. */
  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#unbegun.has(connection)) throw this.#unbegun.get(connection);
    if (!this.#reading.delete(connection) || !this.#isPipeline) return super.commitTransaction(connection);
    const end: UnawaitedQuery = { text: 'commit', isAwaited: false };
    this.#clients
      .get(connection)!
      .query(end)
      .catch(() => undefined);
  }

  override rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    this.#reading.delete(connection);
    return this.#orRemove(connection, () => super.rollbackTransaction(connection));
  }

  async #orRemove(connection: DatabaseConnection, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#removed.add(connection);
      this.#clients.get(connection)?.release(true);
      throw error;
    }
  }

  override async releaseConnection(...given: Parameters<PostgresDriver['releaseConnection']>): Promise<void> {
    if (!this.#removed.has(given[0])) await super.releaseConnection(...given);
  }
}

export class EntityDialect extends PostgresDialect {
  readonly #pool: pg.Pool;
  constructor(pool: pg.Pool) {
    super({ pool });
    this.#pool = pool;
  }
  override createDriver(): PostgresDriver {
    return new EntityTransactions(this.#pool);
  }
}

/**
 * Runs the work in a read-only snapshot with the tenant set, and passes it the rows of a first statement, which is sent with BEGIN in
 * one round trip and has no parameters. `db` must use an `EntityDialect`. An abort ends the work (`abortable`).
 */
export async function inSnapshot<R, D extends Kysely<object>, T>(
  db: D,
  tenant: string,
  sql: string,
  work: (snapshot: D, rows: readonly R[]) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (!isId(tenant)) throw new Error('A tenant id is a UUID.');
  signal?.throwIfAborted();
  let began = null as Began | null;
  const first = { sql, answered: (given: Began) => void (began = given) };
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return beginning.run({ variables: { 'daybook.tenant': tenant }, first }, () =>
    transaction.execute((snapshot) =>
      // Nested transactions do not inherit these settings.
      beginning.run(null, () => {
        if (!began) throw new Error('A snapshot is opened over an EntityDialect.');
        const { pid: backend, pipeline } = began;
        const rows = began.rows as readonly R[];
        const on = (pipeline ? pipelined(snapshot, pipeline) : snapshot) as unknown as D;
        return signal ? abortable(db, { on, backend, signal }, (until) => work(until, rows)) : work(on, rows);
      }),
    ),
  );
}

/** It has its connection: neither of these is used. */
const dialect = new PostgresDialect({ pool: () => Promise.reject(new Error('A snapshot has its connection.')) });
const driver = dialect.createDriver();

/**
 * The same transaction; Kysely's own would send a statement only after the answer of the one before. It still refuses what is
 * asked after its end.
 */
function pipelined(snapshot: KyselyTransaction<object>, connection: DatabaseConnection): KyselyTransaction<object> {
  const executor = snapshot.getExecutor().withConnectionProvider({ provideConnection: (use) => use(connection) });
  return new KyselyTransaction({ config: { dialect }, dialect, driver, executor });
}

class EntityConnection extends PostgreSqlConnection {
  override begin(options: Begin = {}): ReturnType<PostgreSqlConnection['begin']> {
    const { sessionContext, ...rest } = options;
    return beginning.run({ variables: sessionContext?.variables ?? {} }, () => super.begin(rest));
  }

  override async execute<
    T extends QueryResult | EntityData<AnyEntity> | EntityData<AnyEntity>[] = EntityData<AnyEntity>[],
  >(
    statement: Statement,
    params: readonly unknown[] | Dictionary<unknown> = [],
    method: 'all' | 'get' | 'run' = 'all',
    transaction?: Transaction,
    context?: LoggingOptions,
  ): Promise<T> {
    await this.ensureConnection();
    const { sql, values } = this.#bind(statement, params);
    const on = (transaction as ReturnType<typeof this.getClient> | undefined) ?? this.getClient();
    const answer = async (): Promise<T> =>
      this.transformRawResult<T>(await on.executeQuery(CompiledQuery.raw(sql, values)), method);
    return logged(this).executeQuery(sql, answer, context);
  }

  #bind(statement: Statement, params: readonly unknown[] | Dictionary<unknown>): { sql: string; values: unknown[] } {
    const values: unknown[] = [];
    const quote = (id: unknown): string => this.platform.quoteIdentifier(String(id));
    const bind = (value: unknown): string => {
      if (isRaw(value)) return bound(value.sql, value.params, bind, quote);
      return `$${values.push(asParameter(value))}`;
    };
    if (typeof statement === 'string') {
      if (!Array.isArray(params)) throw new Error('Name no parameters: give them in order.');
      return { sql: bound(statement, params, bind, quote), values };
    }
    const { sql, params: own } = isRaw(statement) ? statement : statement.compile();
    return { sql: bound(sql, own, bind, quote), values };
  }
}
/** Internals of MikroORM that its types do not list. */
interface Logged {
  executeQuery<T>(query: string, work: () => Promise<T>, context?: LoggingOptions): Promise<T>;
}
const logged = (connection: EntityConnection): Logged => connection as unknown as Logged;

/** MikroORM's placeholders: `?` is a value (an array is one: `= any(?)`), `??` an identifier, `\?` a literal question mark. */
function bound(
  sql: string,
  params: readonly unknown[],
  bind: (value: unknown) => string,
  quote: (id: unknown) => string,
): string {
  if (params.length === 0) return sql;
  let next = 0;
  const text = sql.replaceAll(/\\\?|\?\??/g, (mark) => {
    if (mark === '\\?') return '?';
    if (next >= params.length) throw new Error('A statement has more marks than parameters.');
    return mark === '?' ? bind(params[next++]) : quote(params[next++]);
  });
  if (next < params.length) throw new Error('A statement has more parameters than marks.');
  return text;
}

function asParameter(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  return Utils.isPlainObject(value) ? JSON.stringify(value) : value;
}

export class EntityDriver extends PostgreSqlDriver {
  protected override readonly connection: EntityConnection;
  constructor(config: Configuration) {
    super(config);
    this.connection = new EntityConnection(config);
  }

  override convertException(exception: Error & { detail?: unknown; hint?: unknown }): DriverException {
    delete exception.detail;
    delete exception.hint;
    return super.convertException(exception);
  }
}
