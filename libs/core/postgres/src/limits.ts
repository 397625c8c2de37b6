/*
 * How many connections each program may hold, and how long anything on them may take. All times are in milliseconds. The
 * server's own limits apply first; `answerMs` is ours, for a server or network that does not respond at all.
 */
export interface TimeLimits {
  /** Connecting, including authentication. */
  readonly connectMs: number;
  /** Waiting for a free connection of the pool. A queue is not an outage: it shortens as other queries end. */
  readonly waitMs: number;
  /** One statement. */
  readonly statementMs: number;
  /** Waiting for one lock. */
  readonly lockMs: number;
  /** A transaction that is idle. */
  readonly idleInTransactionMs: number;
  /** One transaction; null: no limit of its own. */
  readonly transactionMs: number | null;
  /** One answer, measured by the program: a connection that takes longer is closed and not used again. */
  readonly answerMs: number;
}

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

export const timeLimits = {
  /** A caller waits for the answer. */
  request: {
    connectMs: 10 * seconds,
    waitMs: 20 * seconds,
    statementMs: 20 * seconds,
    lockMs: 10 * seconds,
    idleInTransactionMs: 30 * seconds,
    transactionMs: 10 * minutes,
    answerMs: 22 * seconds,
  },
  /** Queries of every request, which are cheap: rights, sessions, revisions. */
  rights: {
    connectMs: 10 * seconds,
    waitMs: 10 * seconds,
    statementMs: 8 * seconds,
    lockMs: 5 * seconds,
    idleInTransactionMs: 15 * seconds,
    transactionMs: 30 * seconds,
    answerMs: 10 * seconds,
  },
  /** Nobody waits: projections, jobs, the queue. */
  background: {
    connectMs: 20 * seconds,
    waitMs: 2 * minutes,
    statementMs: 2 * minutes,
    lockMs: 30 * seconds,
    idleInTransactionMs: 2 * minutes,
    transactionMs: 30 * minutes,
    answerMs: 130 * seconds,
  },
  /** Whole tables are read or written: building and comparing read models, migrations, tools. */
  long: {
    connectMs: 20 * seconds,
    waitMs: 10 * minutes,
    statementMs: 4 * hours,
    lockMs: 4 * hours,
    idleInTransactionMs: 4 * hours,
    transactionMs: null,
    answerMs: 4 * hours + 10 * minutes,
  },
} as const satisfies Readonly<Record<string, TimeLimits>>;

/** The most connections of each program, by purpose. */
export const poolSizes = {
  api: { work: 5, events: 4, reads: 6, rights: 3, listen: 1 },
  projector: { work: 4, build: 1, events: 3, reads: 2, rights: 2, queue: 2, listen: 1 },
} as const;
/** The most connections of a program in total. */
export const maxConnections = { api: 20, projector: 15 } as const;

/** One append, before it is retried on another connection; shorter than any caller waits. */
export const appendAnswerMs = 5 * seconds;

/** Keepalive probes begin after a connection was idle so long, on both sides. */
export const keepAliveMs = 10 * seconds;
/** How often an idle listening connection is checked. */
export const listenerPingMs = 15 * seconds;
