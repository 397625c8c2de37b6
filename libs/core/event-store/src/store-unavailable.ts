/**
 * Why the store cannot be asked: it cannot be reached, it says nothing within the deadline, it does not let us in (TLS,
 * user, rights), or its disk is full.
 */
export type Unavailability = 'unreachable' | 'silent' | 'denied' | 'full';

/**
 * The event store cannot be asked now. Every adapter throws this one error for it, from every method, in the time that
 * `EventStore` names; callers get a 503 with Retry-After. An append that ends in it may have been written: event ids make
 * another try safe.
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** `message` is a sentence for the operator, without addresses' passwords. */
  constructor(
    readonly why: Unavailability,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** How long the adapter of EventStoreDB waits for a word of its server before it throws StoreUnavailable. */
export const answerWithinMs = 4_000;
