import type { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import pg from 'pg';
import { keepAliveMs, type TimeLimits, timeLimits } from './limits.js';
import { type DatabaseUrl, parseDatabaseUrl } from './database-url.js';
import { findEndpoint, isFixedEndpoint } from './find-endpoint.js';
import { NoAnswerError, markDatabaseError } from './outage.js';
import { type PreparedOn, PreparedStatements } from './prepared-statements.js';
import { tellRoundTrip } from './round-trips.js';
import { type Tls, tlsOf } from './tls.js';
import { typeParsers } from './type-parsers.js';

/*
 * The one place where connections to PostgreSQL are made: pools, listeners, migrations and tools all get theirs here, so
 * that address, TLS, time limits and session settings are the same for all. An ESLint rule enforces it
 * (eslint.config.mjs).
 */
export interface ConnectionOptions {
  /** Shown in `pg_stat_activity` after "daybook ". */
  readonly application: string;
  readonly timeLimits?: TimeLimits;
  /** The role that statements run as (`set role`), when it is not the one that logs in. */
  readonly role?: string;
  /** Values as the driver parses them, for a library that relies on it. When left out, exact values stay text. */
  readonly values?: 'of-the-driver';
  /** Statements are sent without waiting for the answers of those before (`inOneTrip`); cursors are refused then. */
  readonly pipeline?: boolean;
  /** Statements with parameters are parsed and planned once per connection (`PreparedStatements`). */
  readonly prepared?: boolean;
}

export interface ClientConfig extends pg.ClientConfig {
  readonly prepared: boolean;
  readonly target: { readonly url: DatabaseUrl; readonly tls: Tls; readonly answerMs: number };
}

/** What the driver needs; it parses no address itself. */
export function clientConfig(address: string, options: ConnectionOptions): ClientConfig {
  const url = parseDatabaseUrl(address);
  const { hosts, parameters } = url;
  const first = hosts[0]!;
  // Nobody can listen in on a local socket, so it needs no TLS.
  const tls: Tls = first.host.startsWith('/') ? { use: 'never' } : tlsOf(url);
  const limits = options.timeLimits ?? timeLimits.request;
  const asked = Number(parameters.get('connect_timeout') ?? 0) * 1_000;
  return {
    host: first.host,
    port: first.port,
    user: url.user,
    password: url.password,
    database: url.database,
    ssl: tls.use === 'never' ? false : tls.options,
    ...(tls.use !== 'never' && tls.direct ? { sslnegotiation: 'direct' } : {}),
    pipeline: options.pipeline === true,
    prepared: options.prepared === true,
    enableChannelBinding: parameters.get('channel_binding') === 'prefer',
    application_name: `daybook ${options.application}`,
    options: sessionOptions(parameters.get('options') ?? '', limits, options.role),
    ...(options.values === 'of-the-driver' ? {} : { types: typeParsers }),
    connectionTimeoutMillis: asked || Math.max(1_000, limits.connectMs / hosts.length),
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    target: { url, tls, answerMs: limits.answerMs },
  };
}

/** Settings of every session, whatever the server's defaults are; ours come last and take precedence. */
function sessionOptions(given: string, limits: TimeLimits, role: string | undefined): string {
  const settings: Readonly<Record<string, string | number | null>> = {
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    client_min_messages: 'warning',
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    transaction_timeout: limits.transactionMs,
    // The server notices within half a minute when a client is gone, and releases its locks.
    tcp_keepalives_idle: keepAliveMs / 1_000,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 3 * keepAliveMs,
    role: role ?? null,
  };
  const ours = Object.entries(settings).flatMap(([name, value]) => (value === null ? [] : [`-c ${name}=${value}`]));
  return [given, ...ours].filter((part) => part !== '').join(' ');
}

type Asking = (...given: unknown[]) => unknown;
type Callback = (error: Error | null, result?: unknown) => void;
/** Internals of the driver that its types do not list. */
interface Wire {
  readonly connection: EventEmitter & PreparedOn & { ssl: unknown; readonly stream: Duplex };
  ssl: unknown;
}
const wireOf = (client: pg.Client): Wire => client as unknown as Wire;

/**
 * The driver's client, which also selects one of several hosts and closes a connection that does not answer in time (it emits
 * `silent` then). An error that no listener handles does not end the process.
 */
export class DatabaseClient extends pg.Client {
  readonly #config: ClientConfig;
  readonly #application: string;
  /** Round trips so far: what a pipeline sends before the answers of one are there is waited for together. */
  readonly #trips = { told: 0, answered: 0 };
  readonly #prepared: PreparedStatements | null;
  /** Resolves once all that was sent has been answered, or has failed. */
  #answered: Promise<void> = Promise.resolve();

  constructor(config: ClientConfig) {
    super(config);
    this.#config = config;
    this.#application = String(config.application_name).replace('daybook ', '');
    // The user of a broken connection gets the error from their own query.
    this.on('error', () => undefined);
    this.#prepared = config.prepared ? new PreparedStatements(wireOf(this).connection) : null;
    // Before the driver's own listener, which passes the error to the running query.
    wireOf(this).connection.on('error', markDatabaseError);
    const ask = this.query.bind(this) as Asking;
    Object.defineProperty(this, 'query', { value: (...given: unknown[]) => this.#bounded(ask, given), writable: true });
  }

  override connect(): Promise<this>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<this> | undefined {
    const connected = this.#goToPlace().then(async () => {
      await super.connect();
      return this;
    });
    if (!callback) return connected;
    connected.then(
      () => callback(null, this),
      (error: Error) => callback(error),
    );
    return undefined;
  }

  async #goToPlace(): Promise<void> {
    const { url, tls } = this.#config.target;
    if (isFixedEndpoint(url, tls)) return;
    const { host, port, encrypted } = await findEndpoint(url, tls, this.#config);
    Object.assign(this, { host, port });
    if (encrypted) return;
    const wire = wireOf(this);
    wire.ssl = false;
    wire.connection.ssl = false;
  }

  /**
   * One query and its deadline: `answerMs` of the query itself, or of the connection, from the answer before on. The server works
   * on what was sent together one after another.
   */
  #bounded(ask: Asking, given: unknown[]): unknown {
    const first = given[0] as { submit?: unknown; answerMs?: number; isAwaited?: boolean } | null | undefined;
    const trip = this.#tell(first);
    if (typeof first?.submit === 'function') return ask(...given);
    const callback = typeof given.at(-1) === 'function' ? (given.pop() as Callback) : null;
    const deadline = this.#giveUpAfter(first?.answerMs ?? this.#config.target.answerMs);
    const asked = this.#prepared ? this.#prepared.ask(ask, given) : (ask(...given) as Promise<unknown>);
    const answer = asked.finally(() => {
      this.#trips.answered = Math.max(this.#trips.answered, trip);
      deadline.met();
    });
    this.#answered = answer.then(
      () => undefined,
      () => undefined,
    );
    if (!callback) return answer;
    answer.then(
      (result) => callback(null, result),
      (error: Error) => callback(error),
    );
    return undefined;
  }

  /** The round trip that the query belongs to; 0 for one that nobody waits for. */
  #tell(query: { isAwaited?: boolean } | null | undefined): number {
    if (query?.isAwaited === false) return 0;
    const { told, answered } = this.#trips;
    const trip = this.#config.pipeline === true ? answered + 1 : told + 1;
    if (trip > told) tellRoundTrip(this.#application, query);
    this.#trips.told = trip;
    return trip;
  }

  #giveUpAfter(ms: number): { met: () => void } {
    const giveUp = (): void => {
      this.emit('silent');
      wireOf(this).connection.stream.destroy(new NoAnswerError(ms));
    };
    // A second, short timer: an answer that arrived while this process was busy is read first.
    let timer: NodeJS.Timeout | undefined;
    let isMet = false;
    void this.#answered.then(() => {
      if (!isMet) timer = setTimeout(() => (timer = setTimeout(giveUp, 250)), ms);
    });
    return {
      met: () => {
        isMet = true;
        clearTimeout(timer);
      },
    };
  }
}

/** One connection, open. The caller ends it. */
export async function connectTo(address: string, options: ConnectionOptions): Promise<pg.Client> {
  const client = new DatabaseClient(clientConfig(address, options));
  await client.connect();
  return client;
}
