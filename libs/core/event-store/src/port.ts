import type { EventMeta } from '@daybook/kernel';

/** The largest append in bytes of JSON: EventStoreDB's default limit, enforced by every adapter. */
export const maxAppendBytes = 1_000_000;

/** An event to append: wire type (`accounting.entry-posted.v1`), JSON data, complete metadata. */
export interface EventToAppend {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

/** An event as stored; `EventCatalogue` unseals it. */
export interface StoredEvent extends EventToAppend {
  readonly stream: string;
  /** 0 for the first event of the stream. */
  readonly revision: number;
  /** Ordered and opaque. No event appears later before a position that a reader of $all has passed. */
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
      /** true when the same events were stored before: a retry. */
      readonly repeated: boolean;
    }
  | { readonly kind: 'conflict'; /** -1 when the stream does not exist. */ readonly actual: number }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly limit: number };

/**
 * The outcome of one append of a group: also `failed`, with the error that `append` would throw, and `skipped`, when an append
 * that it was decided on was not appended.
 */
export type GroupOutcome =
  AppendOutcome | { readonly kind: 'failed'; readonly error: unknown } | { readonly kind: 'skipped' };

/**
 * Every method throws StoreUnavailable while the store is unavailable: within `answerWithinMs`, or with PostgreSQL within the
 * time limits of its connections (`limits.ts` of @daybook/postgres).
 */
export interface EventStore {
  /**
   * Appends to exactly one stream. Idempotent by event id when the expected revision is that of the first attempt: a repeat
   * returns the first outcome; a repeat of which only some events are stored is a conflict. Ids are derived from the stream,
   * so that no id is used in two streams. With a later revision, not every store recognises a repeat: the caller looks for it
   * in the events read up to there. A conflict is the outcome of that append alone, not of its group.
   */
  append(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): Promise<AppendOutcome>;
  /**
   * Appends to one stream the events of several commands that were decided one after another: the first at `expected`, each next
   * one after the previous. Each append has its own outcome, in the given order. After the first that is not appended (a repeat, a
   * conflict, too large, refused), earlier appends remain, and later ones are `skipped`, to be decided again.
   */
  appendGroup(
    stream: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]>;
  /** Events of one stream, forwards from a revision (default 0) or backwards from the end; none if it does not exist. */
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
   * Batches of events after a position, in order, until the signal aborts; an append wakes it at once. Back-pressure: the next
   * batch is read when the consumer requests it. Reconnects by itself (backoff with jitter). `caughtUp` is true when there
   * were no more events at the time of reading.
   */
  subscribeAll(options: {
    after: bigint;
    batch?: number;
    signal: AbortSignal;
  }): AsyncIterable<{ events: StoredEvent[]; caughtUp: boolean }>;
  /**
   * Revision of the last event of each stream, in the given order; -1 where there is none. One round trip without a
   * transaction, cheap enough for every request to check that folded state is current.
   */
  lastRevisions(streams: readonly string[]): Promise<number[]>;
  /**
   * The event at exactly this position; null if there is none. With a role that reads one tenant at a time, only events of the
   * tenant that the store was opened for.
   */
  eventAt(position: bigint): Promise<StoredEvent | null>;
  /** Position of the newest event, 0n when there is none. */
  head(): Promise<bigint>;
  /** Is a repeat found at any expected revision? Otherwise who appends has to know the stream's commands. */
  readonly findsRepeats: boolean;
  close(): Promise<void>;
}
