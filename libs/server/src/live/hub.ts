import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import * as z from 'zod';

/** What the projections say after their checkpoint is committed: rows of a view changed. */
export const hint = z.object({
  tenant: z.string(),
  view: z.string(),
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

/**
 * Feeds the hub from LISTEN on one connection of its own; reconnects with growing pauses until the signal aborts, and
 * tells the hub that it was away.
 */
export async function listenForHints(
  options: { url: string; position: () => Promise<bigint>; logger: Logger; signal: AbortSignal },
  hub: LiveHub,
): Promise<void> {
  let pause = 100;
  while (!options.signal.aborted) {
    const client = new pg.Client({ connectionString: options.url, application_name: 'daybook live', keepAlive: true });
    const ended = new Promise<void>((resolve) => {
      client.once('end', resolve);
      client.once('error', () => resolve());
      options.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    try {
      await client.connect();
      client.on('notification', (message) => {
        const parsed = hint.safeParse(parse(message.payload));
        if (parsed.success) hub.publish(parsed.data);
        else options.logger.error({ payload: message.payload?.slice(0, 200) }, 'a live hint cannot be read');
      });
      await client.query(`listen ${liveChannel}`);
      hub.restart(await options.position());
      pause = 100;
      await ended;
    } catch (error) {
      if (!options.signal.aborted) options.logger.warn({ err: error }, 'live hints are interrupted');
    } finally {
      await client.end().catch(() => undefined);
    }
    await sleep(pause * (0.5 + Math.random()), undefined, { signal: options.signal }).catch(() => undefined);
    pause = Math.min(pause * 2, 5_000);
  }
}

function parse(payload: string | undefined): unknown {
  try {
    return JSON.parse(payload ?? '');
  } catch {
    return null;
  }
}
