/*
 * How many connections each program holds, and how long anything on them may take: named here, once. All times are
 * milliseconds. The server's own limits come first; `answerMs` is ours, for a server or a line that says nothing at all.
 */
export interface TimeLimits {
  /** To reach the server and get a session: a busy one takes its time, one that is not there mostly says so at once. */
  readonly connectMs: number;
  /** To wait until a connection of the pool is free. A queue is no outage: it ends with what others ask, in their times. */
  readonly waitMs: number;
  /** One statement. */
  readonly statementMs: number;
  /** Waiting for one lock. */
  readonly lockMs: number;
  /** A transaction in which nothing is asked. */
  readonly idleInTransactionMs: number;
  /** One transaction; null: no limit of its own. */
  readonly transactionMs: number | null;
  /** One answer, as the program measures it: a connection that takes longer is given up and never used again. */
  readonly answerMs: number;
}

const seconds = 1_000;
const minutes = 60 * seconds;
const hours = 60 * minutes;

export const timeLimits = {
  /** Somebody waits for the answer. */
  request: {
    connectMs: 10 * seconds,
    waitMs: 20 * seconds,
    statementMs: 20 * seconds,
    lockMs: 10 * seconds,
    idleInTransactionMs: 30 * seconds,
    transactionMs: 10 * minutes,
    answerMs: 22 * seconds,
  },
  /** Asked before every request, and cheap: rights, sessions, revisions. */
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

/** Connections of each program at most, by what they are for. */
export const poolSizes = {
  api: { work: 5, events: 4, reads: 6, rights: 3, listen: 1 },
  projector: { work: 4, build: 1, events: 3, reads: 2, rights: 2, queue: 2, listen: 1 },
} as const;
/** What all of a program's connections may come to. */
export const maxConnections = { api: 20, projector: 15 } as const;

/** One append, before the same is tried on another connection: shorter than anybody's wait. */
export const appendAnswerMs = 5 * seconds;

/** Keepalive probes begin after so much silence on a connection, on both sides. */
export const keepAliveMs = 10 * seconds;
/** A listening connection that has nothing to say is asked whether it is still there. */
export const listenerPingMs = 15 * seconds;
