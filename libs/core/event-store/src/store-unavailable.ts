/**
 * Why the store is unavailable: it cannot be reached, does not respond within the deadline, refuses us (TLS, user, rights), or
 * its disk is full.
 */
export type Unavailability = 'unreachable' | 'silent' | 'denied' | 'full';

/**
 * The event store is unavailable. Every method of every adapter throws this error within the time that `EventStore` names;
 * callers get a 503 with Retry-After. An append that fails with it may have been written: event ids make a retry safe.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** `message` is a sentence for the operator, without passwords. */
  constructor(
    readonly why: Unavailability,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** How long the adapter of EventStoreDB waits for its server before it throws StoreUnavailable. */
export const answerWithinMs = 4_000;
