import type { EventStoreDBClient } from '@eventstore/db-client';
import { Backoff } from '@daybook/postgres';
import type { StoredEvent } from '../port.js';
import { Feed } from './feed.js';
import { isFatal } from './errors.js';

export interface SubscribeOptions {
  readonly after: bigint;
  readonly batch: number;
  readonly signal: AbortSignal;
  /** A feed that was silent for so long is compared with the head, and replaced if it missed something. */
  readonly watchdogMs: number;
  readonly asUnavailable: (error: unknown) => Error | null;
  readonly onInterrupted: () => void;
}

/** Catch-up subscriptions one after another, each from the position of the previous one. */
export async function* subscribe(
  client: EventStoreDBClient,
  head: () => Promise<bigint>,
  { after, batch, signal, watchdogMs, asUnavailable, onInterrupted }: SubscribeOptions,
): AsyncGenerator<{ events: StoredEvent[]; caughtUp: boolean }> {
  const backoff = new Backoff();
  let seen = after;
  let resumeAt = after;
  let announced = false;
  while (!signal.aborted) {
    let feed: Feed | undefined;
    try {
      const goal = await head();
      feed = new Feed(client, resumeAt);
      for (let quietSince = Date.now(); !signal.aborted;) {
        const events = feed.take(batch);
        if (events.length > 0) {
          backoff.reset();
          quietSince = Date.now();
          seen = events.at(-1)!.position;
        }
        resumeAt = max(seen, feed.checkpoint ?? 0n);
        const caughtUp = seen >= goal && feed.isDrained;
        if (events.length > 0 || (caughtUp && !announced)) {
          announced ||= caughtUp;
          yield { events, caughtUp };
          continue;
        }
        await feed.arrival(Math.min(watchdogMs, 1_000), signal);
        if (feed.isDrained && Date.now() - quietSince >= watchdogMs) {
          // Silence means no events or a dead connection; the head of the log tells which.
          if ((await head()) > seen && feed.isDrained) throw new Error('The subscription has missed events.');
          quietSince = Date.now();
        }
      }
    } catch (thrown) {
      const error = asUnavailable(thrown) ?? thrown;
      if (isFatal(error)) throw error;
      onInterrupted();
      await backoff.wait(signal);
    } finally {
      feed?.close();
    }
  }
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
