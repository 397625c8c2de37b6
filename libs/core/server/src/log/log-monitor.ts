import {
  type EventStore,
  type ExpectedRevision,
  type GroupOutcome,
  requireLogFormat,
  StoreUnavailable,
} from '@daybook/event-store';
import type { DataPlace } from '@daybook/kernel/data-format';
import { adoptLog, type Checkpoint, checkLog, logContains, LogReplaced, readCheckpoint } from '@daybook/projections';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type Check, NotReady } from '../health/readiness.js';

/** How often a process checks that its log is still the same. */
export const logCheckMs = 2_000;
/** Checks in a row while connections are lost during each. */
const maxChecks = 5;

export interface LogMonitorOptions {
  readonly pool: Pool;
  readonly store: EventStore;
  /** The variable with the address of the log, for error messages. */
  readonly place: DataPlace;
  readonly logger: Pick<Logger, 'error' | 'warn' | 'info'>;
  /** Whether this process records which log the read models are built from (the projector does). */
  readonly mayNote: boolean;
}

/**
 * Checks that the log behind this process is the one that the read models were built from (docs/adr/0041): at start, after a
 * lost connection, when a stream is shorter than before, every `logCheckMs`, and for readiness. While it is another log,
 * every request is refused; once the right one is back, work goes on by itself.
 */
export class LogMonitor {
  private refusal: LogReplaced | null = null;
  /** How often the log came into doubt, and how many of these doubts a check has answered. */
  private doubts = 0;
  private answered = 0;
  private epochs = 0;
  private seen: { readonly checkpoint: Checkpoint; readonly identity: string | null; readonly head: bigint } | null =
    null;
  private checking: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly forgetting: (() => void)[] = [];

  constructor(private readonly options: LogMonitorOptions) {}

  /** The event store itself, not checked. */
  get store(): EventStore {
    return this.options.store;
  }

  /**
   * Checks the log, gives it an identity when it has none, and starts watching. Throws DataFormatError for a log of another
   * version, LogReplaced for the wrong log.
   */
  async start(): Promise<void> {
    const { pool, store, place, mayNote } = this.options;
    await requireLogFormat(store, place);
    await adoptLog(pool, store, mayNote);
    await this.check();
    // The result is in `refusal`; an unavailable store or database is reported by their own checks.
    this.timer = setInterval(() => void this.check().catch(() => undefined), logCheckMs);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }

  /** Counts how often everything read from the log became invalid; state folded in another epoch is discarded. */
  get epoch(): number {
    return this.epochs;
  }

  /** Registers a callback for when the log was replaced. */
  whenReplaced(forget: () => void): void {
    this.forgetting.push(forget);
  }

  /** A connection was lost, so the next one may lead to another server: checks the log before its next use. */
  doubt(): void {
    this.doubts += 1;
  }

  /** null when the log may be used. Otherwise a promise that throws LogReplaced, or StoreUnavailable if it cannot be checked. */
  passed(): Promise<void> | null {
    if (this.refusal) return Promise.reject(this.refusal);
    return this.answered < this.doubts ? this.check() : null;
  }

  /** A stream is shorter than before. Logs never lose events, so everything read before is invalid. */
  async wentBack(): Promise<void> {
    this.forget('a stream of the event log has lost events');
    this.doubt();
    await this.check();
  }

  /** One check at a time; concurrent callers share its result. */
  check(): Promise<void> {
    this.checking ??= this.lookUntilSure().finally(() => (this.checking = null));
    return this.checking;
  }

  /** Repeats the check when a connection is lost during it. A doubt lasts until a check begun after it has succeeded. */
  private async lookUntilSure(): Promise<void> {
    for (let rounds = 0; rounds < maxChecks; rounds++) {
      const { doubts } = this;
      try {
        await this.look();
      } catch (error) {
        if (!(error instanceof LogReplaced)) this.doubt();
        throw error;
      }
      this.answered = doubts;
      if (doubts === this.doubts) return;
    }
    throw new StoreUnavailable('unreachable', 'Its connections are lost during every check.');
  }

  private async look(): Promise<void> {
    const { pool, store, logger } = this.options;
    const before = this.seen;
    const last = before?.checkpoint.last ?? null;
    const checkpoint = await readCheckpoint(pool);
    const [identity, head, held] = await Promise.all([
      checkLog(store, checkpoint).catch((error: unknown) => {
        if (error instanceof LogReplaced) return error;
        throw error;
      }),
      store.head(),
      last === null ? true : logContains(store, last),
    ]);
    if (identity instanceof LogReplaced) {
      if (this.refusal?.message !== identity.message) {
        this.forget('the event log was replaced');
        logger.error({ difference: identity.difference }, identity.message);
      }
      this.refusal = identity;
      this.seen = null;
      throw identity;
    }
    if (this.refusal) {
      this.refusal = null;
      this.forget('the event log is the right one again');
    } else if (before && (!held || head < before.head || (before.identity !== null && identity !== before.identity))) {
      this.forget('the event log is not the one it was, and neither are the read models');
    }
    this.seen = { checkpoint, identity, head };
  }

  private forget(why: string): void {
    this.epochs += 1;
    for (const forget of this.forgetting) forget();
    this.options.logger.warn({ epoch: this.epochs }, why);
  }
}

/** The readiness check of the log: its identity, or why it is refused and what to do. */
export const logReady =
  (monitor: Pick<LogMonitor, 'check'>): Check =>
  async () => {
    try {
      await monitor.check();
      return {};
    } catch (error) {
      if (!(error instanceof LogReplaced)) throw error;
      throw new NotReady({ difference: error.difference, reason: error.message });
    }
  };

/**
 * The event store for everything but the projection engine: refuses while the log is another one, and notices when a stream
 * has lost events.
 */
export function checkedStore(store: EventStore, monitor: Pick<LogMonitor, 'passed' | 'wentBack'>): EventStore {
  async function* after<T>(items: () => AsyncIterable<T>): AsyncIterable<T> {
    await monitor.passed();
    yield* items();
  }
  const asked = async <T>(work: () => Promise<T>): Promise<T> => {
    await monitor.passed();
    return work();
  };
  const notShorter = async (expected: ExpectedRevision, outcome: GroupOutcome | undefined): Promise<void> => {
    if (outcome?.kind !== 'conflict' || typeof expected !== 'number') return;
    if (outcome.actual < expected) await monitor.wentBack();
  };
  return {
    append: async (stream, expected, events) => {
      await monitor.passed();
      const outcome = await store.append(stream, expected, events);
      await notShorter(expected, outcome);
      return outcome;
    },
    appendGroup: async (stream, expected, appends) => {
      await monitor.passed();
      const outcomes = await store.appendGroup(stream, expected, appends);
      await notShorter(expected, outcomes[0]);
      return outcomes;
    },
    readStream: (...args) => after(() => store.readStream(...args)),
    readAll: (...args) => after(() => store.readAll(...args)),
    subscribeAll: (options) => after(() => store.subscribeAll(options)),
    lastRevisions: (streams) => asked(() => store.lastRevisions(streams)),
    eventAt: (position) => asked(() => store.eventAt(position)),
    head: () => asked(() => store.head()),
    findsRepeats: store.findsRepeats,
    close: () => store.close(),
  };
}
