import { channel } from 'node:diagnostics_channel';

/** One round trip to the database: a statement, or several that are sent together. */
export interface RoundTrip {
  /** The pool of the connection, as in `pg_stat_activity`: "api rights". */
  readonly application: string;
  readonly text: string;
}

/** A statement that nobody waits for is no round trip. */
export interface UnawaitedQuery {
  readonly text: string;
  readonly isAwaited: false;
}

const sent = channel('daybook.postgres.round-trip');

/** Notifies subscribers; there are none outside benches and specs. */
export function tellRoundTrip(application: string, query: unknown): void {
  if (!sent.hasSubscribers) return;
  const text = typeof query === 'string' ? query : String((query as { text?: unknown } | null)?.text ?? '');
  sent.publish({ application, text } satisfies RoundTrip);
}

/** Calls `heard` in the async context of the waiting caller. Returns a function that unsubscribes. */
export function onRoundTrip(heard: (trip: RoundTrip) => void): () => void {
  const listener = (message: unknown): void => heard(message as RoundTrip);
  sent.subscribe(listener);
  return () => void sent.unsubscribe(listener);
}
