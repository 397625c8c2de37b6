import type { EventMeta } from '@daybook/kernel';

/** Largest append accepted, in bytes of JSON: EventStoreDB's default limit, kept on every adapter. */
export const maxAppendBytes = 1_000_000;

/** An event ready for a stream: wire type (`accounting.entry-posted.v1`), JSON data, filled metadata. */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

/** An event as the store holds it; `EventCatalogue` opens it. */
export interface StoredEvent extends EventToAppend {
  readonly stream: string;
  /** 0 for the first event of the stream. */
  readonly revision: number;
  /** Ordered, opaque; what a reader of $all has passed is never filled in later. */
  readonly position: bigint;
  /** RFC 3339 UTC; never earlier than that of the event before. */
  readonly recordedAt: string;
}

/** Revision the stream must have: 'none' for a new stream, 'any' to skip the check. */
export type ExpectedRevision = number | 'none' | 'any';

export type AppendOutcome =
  | {
      readonly kind: 'appended';
      /** Revision and position of the last event of the append. */
      readonly revision: number;
      readonly position: bigint;
      readonly recordedAt: string;
      /** true when the same events already stood there: a retry. */
      readonly repeated: boolean;
    }
  | { readonly kind: 'conflict'; /** -1 when the stream does not exist. */ readonly actual: number }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number };

/**
 * Of one append of a group: also `failed`, with what `append` would throw, and `skipped`, for what was decided on the events of
 * one before it that was not appended.
 */
export type GroupOutcome =
  AppendOutcome | { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'skipped' };

/**
 * Every method throws StoreUnavailable while the store cannot be asked: within `answerWithinMs`, or for PostgreSQL within the
 * times of its connections (`limits.ts` of @daybook/postgres).
 */
export interface EventStore {
  /**
   * Appends to exactly one stream. Idempotent by event id when the revision of the first time is given: a repeat answers the
   * first outcome, and one of which a part stands there, with other events, is a conflict. Ids hold their stream, so that
   * none is ever given to two. With a later revision not every store finds a repeat: who appends looks for it in what
   * was read up to there. A lost race is that append's own outcome, never the group's.
   */
  append(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): Promise<AppendOutcome>;
  /**
   * Appends to one stream what several commands decided one after the other: the first at `expected`, each next one at the end
   * of the one before. Each has an outcome of its own, in their order; the first that is not appended (a repeat, a lost race, too
   * large, refused) leaves those before it as they are, and those after it are `skipped`, to be decided again.
   */
  appendGroup(
    stream: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]>;
  /** Events of one stream from a revision on (forwards, default 0) or backwards from the end; nothing for a missing stream. */
  readStream(
    stream: string,
    options?: { from?: number; backwards?: boolean; limit?: number; signal?: AbortSignal },
  ): AsyncIterable<StoredEvent>;
  /** Events of all streams after a position, in order (or backwards, before a position). */
  readAll(options?: {
    after?: bigint;
    before?: bigint;
    backwards?: boolean;
    limit?: number;
    tenant?: string;
  }): AsyncIterable<StoredEvent>;
  /**
   * Batches of events after a position, for ever, until the signal aborts; wakes at once on an append and keeps order.
   * Back-pressure: the next batch is read when the consumer asks for it. Owns its reconnects (backoff with jitter).
   * `caughtUp` is true when nothing more was there at the moment of reading.
   */
  subscribeAll(options: {
    after: bigint;
    batch?: number;
    signal: AbortSignal;
  }): AsyncIterable<{ events: StoredEvent[]; caughtUp: boolean }>;
  /**
   * Revision of the last event of each stream, in their order; -1 where there is none. One round trip without a
   * transaction: cheap enough to be asked before every request, so that what was folded of a stream is known to be current.
   */
  lastRevisions(streams: readonly string[]): Promise<number[]>;
  /**
   * The event at exactly this position; null where there is none. With a login that may read one tenant at a time, only
   * events of the tenant that the store was opened for are found.
   */
  eventAt(position: bigint): Promise<StoredEvent | null>;
  /** Position of the newest event, 0n when there is none. */
  head(): Promise<bigint>;
  /** Is a repeat found at any expected revision? Otherwise who appends has to know the stream's commands. */
  readonly findsRepeats: boolean;
  close(): Promise<void>;
}
