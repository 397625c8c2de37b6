import { Backoff, type Listener } from '@daybook/postgres';
import type { Logger } from 'pino';
import * as z from 'zod';

/** What the projections say after their checkpoint is committed: rows of a channel changed. */
export const hint = z.object({
  tenant: z.string(),
  channel: z.string(),
  ids: z.array(z.string()),
  position: z.string(),
});
export type Hint = z.infer<typeof hint>;

/** One reader of hints. `reset`: hints were missed, read everything again. */
export interface HintListener {
  hint(hint: Hint): void;
  reset(): void;
}

/** PostgreSQL channel of the hints, written by the projections. */
export const liveChannel = 'daybook_live';

/**
 * Hints of all tenants, once per process: the last ones are kept, so that a reader who was away shortly misses nothing.
 * `floor` is the position from which on nothing is missing here.
 */
export class LiveHub {
  private readonly recent: Hint[] = [];
  private readonly listeners = new Set<HintListener>();
  private floor: bigint | null = null;

  constructor(private readonly capacity = 2_000) {}

  /** Everything up to here has been published; null before listening has started. */
  get reached(): bigint | null {
    const last = this.recent.at(-1);
    return last === undefined ? this.floor : BigInt(last.position);
  }

  /** Listening started (again): what was published before `position` is not known here. */
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
      // One position may have several hints; the dropped one's position is no longer complete.
      this.floor = BigInt(dropped.position);
    }
    for (const listener of this.listeners) listener.hint(published);
  }

  /**
   * Replays what came at or after the position last seen (several hints share one, repeating a hint does no harm), then
   * everything new. Answers how to stop.
   */
  subscribe(listener: HintListener, lastSeen: bigint | null): () => void {
    if (lastSeen !== null) {
      // Ahead of all that was published: it saw another log, which this one has taken the place of.
      const ahead = this.reached !== null && lastSeen > this.reached;
      if (this.floor === null || lastSeen < this.floor || ahead) listener.reset();
      else for (const old of this.recent) if (BigInt(old.position) >= lastSeen) listener.hint(old);
    }
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Feeds the hub with what the projections say, and tells it when it was away. Answers how to stop. */
export function listenForHints(
  options: { listener: Listener; position: () => Promise<bigint>; logger: Logger },
  hub: LiveHub,
): () => void {
  const { listener, position, logger } = options;
  /** Counts the times that listening began: only the last one's position counts. */
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
