import { Backoff, type Listener } from '@daybook/postgres';
import type { Logger } from 'pino';
import * as z from 'zod';

/** Sent by the projections after their checkpoint is committed: rows behind a channel changed. */
export const hint = z.object({
  tenant: z.string(),
  channel: z.string(),
  ids: z.array(z.string()),
  position: z.string(),
});
export type Hint = z.infer<typeof hint>;

/** A reader of hints. `reset` means that hints were missed: read everything again. */
export interface HintListener {
  hint(hint: Hint): void;
  reset(): void;
}

/** The channel of PostgreSQL notifications on which projections send hints. */
export const liveChannel = 'daybook_live';

/**
 * Hints of all tenants in this process. The latest are buffered, so that a reader who reconnects soon misses nothing. The
 * buffer is complete from position `floor` on.
 */
export class LiveHub {
  private readonly recent: Hint[] = [];
  private readonly listeners = new Set<HintListener>();
  private floor: bigint | null = null;

  constructor(private readonly capacity = 2_000) {}

  /** The position up to which hints were published; null before listening has started. */
  get reached(): bigint | null {
    const last = this.recent.at(-1);
    return last === undefined ? this.floor : BigInt(last.position);
  }

  /** Listening started (again): hints before `position` are unknown here. */
  restart(position: bigint): void {
    const first = this.floor === null;
    this.recent.length = 0;
    this.floor = position;
    if (!first) for (const listener of this.listeners) listener.reset();
  }

  publish(published: Hint): void {
    this.recent.push(published);
    if (this.recent.length > this.capacity) {
      const dropped = this.recent.shift()!;
      // A position can have several hints; the dropped one's position is no longer complete.
      this.floor = BigInt(dropped.position);
    }
    for (const listener of this.listeners) listener.hint(published);
  }

  /**
   * Replays hints from the last seen position on (several hints can share it, and repeating one is harmless), then delivers
   * new ones. Returns a function that unsubscribes.
   */
  subscribe(listener: HintListener, lastSeen: bigint | null): () => void {
    if (lastSeen !== null) {
      // Ahead of all that was published: the reader saw another log, which was replaced since.
      const ahead = this.reached !== null && lastSeen > this.reached;
      if (this.floor === null || lastSeen < this.floor || ahead) listener.reset();
      else for (const old of this.recent) if (BigInt(old.position) >= lastSeen) listener.hint(old);
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Feeds the hub from PostgreSQL notifications, and restarts it after an interruption. Returns a function that stops. */
export function listenForHints(
  options: { listener: Listener; position: () => Promise<bigint>; logger: Logger },
  hub: LiveHub,
): () => void {
  const { listener, position, logger } = options;
  /** Counts how often listening started; only the position of the latest start counts. */
  let begun = 0;
  const stopping = new AbortController();
  const restart = async (time: number, again = new Backoff()): Promise<void> => {
    try {
      const reached = await position();
      if (time === begun) hub.restart(reached);
    } catch (error) {
      logger.warn({ err: error }, 'live hints are interrupted');
      await again.wait(stopping.signal);
      if (time === begun) await restart(time, again);
    }
  };
  const stop = listener.on(liveChannel, {
    heard: (payload) => {
      const parsed = hint.safeParse(parse(payload));
      if (parsed.success) hub.publish(parsed.data);
      else logger.error({ payload: payload.slice(0, 200) }, 'a live hint cannot be read');
    },
    restored: () => void restart(++begun),
    lost: () => begun++,
  });
  return () => {
    begun++;
    stopping.abort();
    stop();
  };
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return null;
  }
}
