import { Backoff, createPool, isOutage, Listener, type Pools, type TimeLimits } from '@daybook/postgres';
import { serializeAppend, owningTenant } from '../serialize-append.js';
import { isNew, onlyOutcome } from '../append-in-turn.js';
import {
  maxAppendBytes,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type GroupOutcome,
} from '../port.js';
import { StoreUnavailable } from '../store-unavailable.js';
import { GroupCommit } from './group-commit.js';
import { batchLimits, Reader, type Slice } from './reader.js';
import { Wakeups } from './wakeups.js';

export interface PostgresEventStoreOptions {
  /** Login URL of a role: api reads one tenant at a time, projector all of them. */
  readonly url: string;
  /** Limits every read to one tenant. By default, a stream is read as the tenant in its name. */
  readonly tenant?: string;
  readonly maxConnections?: number;
  /** A shared listener for new events; default: one of its own. */
  readonly listener?: Listener;
  /** Shown in `pg_stat_activity`. */
  readonly application?: string;
  readonly timeLimits?: TimeLimits;
  readonly pools?: Pools;
  /** The longest wait for one append before it is retried on another connection. */
  readonly appendAnswerMs?: number;
  /** How often a subscription polls at least, even when it is not woken. */
  readonly pollMs?: number;
  /** Called when a connection was lost: another server may be there afterwards. */
  readonly onInterrupted?: () => void;
}

const away = 'The database that holds the event log does not answer: start it, or correct DATABASE_URL.';

export function openPostgresEventStore(options: PostgresEventStoreOptions): EventStore {
  const { url, application = 'events', maxConnections: max = 8, timeLimits, pools } = options;
  const pool = createPool(url, { max, application, ...defined({ timeLimits, pools }) });
  // A server that stops closes its connections, also idle ones.
  pool.on('error', () => interrupted());
  const listener = options.listener ?? new Listener({ url, application: 'listen' });
  const wakeups = new Wakeups(listener, 'daybook_events');
  const reader = new Reader(pool);
  const writer = new GroupCommit(pool, options.appendAnswerMs);
  const pollMs = options.pollMs ?? 2_000;

  const interrupted = (): void => options.onInterrupted?.();

  async function asking<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      interrupted();
      throw new StoreUnavailable('unreachable', away, { cause });
    }
  }

  async function* pages(scope: string | null, slice: Slice, limit = Infinity, signal?: AbortSignal) {
    for (let left = limit, rest = slice; left > 0 && !signal?.aborted;) {
      const batch = await asking(() => reader.read(scope, rest, Math.min(left, batchLimits.events)));
      yield* batch.events;
      const end = batch.events.at(-1);
      if (batch.last || !end) return;
      left -= batch.events.length;
      const reached = slice.stream === undefined ? end.position : BigInt(end.revision);
      rest = slice.backwards ? { ...rest, before: reached } : { ...rest, after: reached };
    }
  }

  /** Of the appends that fit; the first that is too large ends the group. */
  async function appendGroup(
    stream: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]> {
    const tenant = owningTenant(stream);
    const written = appends.map(serializeAppend);
    const end = written.findIndex(({ bytes }) => bytes > maxAppendBytes);
    const fitting = end < 0 ? written : written.slice(0, end);
    const pending = {
      tenant,
      stream,
      expected,
      appends: fitting.map(({ events }) => events),
      bytes: fitting.reduce((sum, { bytes }) => sum + bytes, 0),
    };
    const outcomes = fitting.length === 0 ? [] : await asking(() => writer.append(pending));
    return [
      ...outcomes,
      ...written.slice(fitting.length).map(({ bytes }, i) => unsent(bytes, i === 0 && outcomes.every(isNew))),
    ];
  }

  return {
    append: async (stream, expected, events) => onlyOutcome(await appendGroup(stream, expected, [events])),
    appendGroup,

    readStream: (stream, { from, backwards = false, limit, signal } = {}) => {
      // `from` is inclusive: the first revision that is read, in either direction.
      const bound = from === undefined ? {} : backwards ? { before: BigInt(from) + 1n } : { after: BigInt(from) - 1n };
      return pages(options.tenant ?? owningTenant(stream), { stream, backwards, ...bound }, limit, signal);
    },

    readAll: ({ after, before, backwards = false, limit, tenant = options.tenant } = {}) => {
      const slice = { backwards, ...defined({ after, before, tenant }) };
      return pages(options.tenant ?? tenant ?? null, slice, limit);
    },

    subscribeAll: async function* ({ after, batch = batchLimits.events, signal }) {
      const backoff = new Backoff();
      const slice = { backwards: false, ...defined({ tenant: options.tenant }) };
      for (let position = after, first = true; !signal.aborted;) {
        const seen = wakeups.count;
        const read = await reader
          .read(options.tenant ?? null, { ...slice, after: position }, batch)
          .catch((error: unknown) => {
            if (!isOutage(error)) throw error;
            interrupted();
            return null;
          });
        if (read === null) {
          await backoff.wait(signal);
          continue;
        }
        backoff.reset();
        if (first || read.events.length > 0) yield { events: read.events, caughtUp: read.last };
        first = false;
        position = read.events.at(-1)?.position ?? position;
        if (read.last) await wakeups.after(seen, pollMs, signal);
      }
    },

    lastRevisions: async (streams) => {
      const { rows } = await asking(() =>
        pool.query<{ revisions: number[] }>({
          name: 'last-revisions',
          text: 'select store.last_revisions($1) as revisions',
          values: [streams],
        }),
      );
      return rows[0]!.revisions;
    },

    eventAt: async (position) => {
      const slice = { after: position - 1n, before: position + 1n, backwards: false };
      return (await asking(() => reader.read(options.tenant ?? null, slice, 1))).events[0] ?? null;
    },

    head: async () => {
      const { rows } = await asking(() => pool.query<{ position: string }>('select position from store.head'));
      return BigInt(rows[0]!.position);
    },

    findsRepeats: true,

    close: async () => {
      wakeups.close();
      if (!options.listener) await listener.close();
      await pool.end();
    },
  };
}

const unsent = (bytes: number, isNext: boolean): GroupOutcome =>
  isNext ? { kind: 'too-large', bytes, limit: maxAppendBytes } : { kind: 'skipped' };

const defined = <T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
