import {
  excludeSystemEvents,
  START,
  type AllStreamResolvedEvent,
  type AllStreamSubscription,
  type EventStoreDBClient,
} from '@eventstore/db-client';
import { setImmediate as turn } from 'node:timers/promises';
import type { StoredEvent } from '../port.js';
import { asStored, applicationEvent, positionOf } from './stored-event.js';

/** A filtered catch-up subscription on $all, read at the consumer's pace, until an error or an abort. */
export class Feed {
  readonly #subscription: AllStreamSubscription;
  #failure: unknown = null;
  #wake: () => void = () => undefined;
  #taken = 0;
  #checkpoint: { position: bigint; afterTaken: number } | null = null;

  constructor(client: EventStoreDBClient, after: bigint) {
    this.#subscription = client.subscribeToAll({
      fromPosition: after === 0n ? START : positionOf(after),
      filter: excludeSystemEvents({
        checkpointInterval: 10,
        checkpointReached: (_, position) => {
          this.#checkpoint = { position: position.commit, afterTaken: this.#taken + this.#subscription.readableLength };
        },
      }),
    });
    const wake = (): void => this.#wake();
    this.#subscription.on('readable', wake);
    for (const over of ['error', 'end', 'close'] as const) {
      this.#subscription.on(over, (error?: unknown) => {
        this.#failure ??= error ?? new Error('The server ended the subscription.');
        wake();
      });
    }
  }

  /** Up to `count` of the events that have arrived; does not wait. */
  take(count: number): StoredEvent[] {
    const events: StoredEvent[] = [];
    while (events.length < count) {
      const resolved = this.#subscription.read() as AllStreamResolvedEvent | null;
      if (resolved === null) break;
      this.#taken++;
      const event = applicationEvent(resolved);
      if (event) events.push(asStored(event));
    }
    return events;
  }

  get isDrained(): boolean {
    return this.#subscription.readableLength === 0;
  }

  /** How far the server has read, once everything before has been taken; past the last event when filtered events follow. */
  get checkpoint(): bigint | null {
    return this.#checkpoint && this.#checkpoint.afterTaken <= this.#taken ? this.#checkpoint.position : null;
  }

  /** Waits until something arrives or `ms` have passed; throws when the subscription has failed and is drained. */
  async arrival(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.isDrained || signal.aborted) return;
    if (this.#failure !== null) throw this.#failure;
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
      signal.addEventListener('abort', this.#wake, { once: true });
    });
    signal.removeEventListener('abort', this.#wake);
    // Events that arrive in the same turn form one batch.
    await turn();
  }

  /** Drains the stream: otherwise the client waits for ever for its end. */
  close(): void {
    for (const event of ['readable', 'error', 'end', 'close']) this.#subscription.removeAllListeners(event);
    this.#subscription.on('error', () => undefined).resume();
    void this.#subscription.unsubscribe().catch(() => undefined);
  }
}
