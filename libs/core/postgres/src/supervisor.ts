import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.js';
import type { DatabaseStartError } from './start-error.js';

/** An embedded database that ended is started again after 0.1, 0.2, 0.4 … 5 s, eight times in a row at most. */
export const restarts = {
  firstWaitMs: 100,
  longestWaitMs: 5_000,
  most: 8,
  /** A run that lasted so long resets the count. */
  calmMs: 60_000,
} as const;

/** Why there are no answers for now. */
export type LossReason = 'ended' | 'crashed' | 'full-disk';

/** Notified of outages while the database is in use. */
export interface DatabaseWatcher {
  /** It is unavailable; called once for each reason until it is back. */
  lost(why: LossReason): void;
  back(): void;
  /** It cannot be restarted. */
  givenUp(error: DatabaseStartError): void;
}

export interface Supervised {
  /** Starts a run, with the settings of the previous one after it has ended. */
  launch(): Promise<ServerProcess>;
  /** What a failed start, or the last output of a run, means. */
  meaning(failure: unknown): DatabaseStartError;
  readonly watcher: DatabaseWatcher;
  /** The pause before a restart; replaced in specs. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

export interface Supervisor {
  stop(): Promise<void>;
}

/**
 * Restarts the database whenever it ends. While a disk is full, it waits for space as long as it takes. Anything else is given
 * up after `restarts.most` attempts in a row.
 */
export function supervise(
  first: ServerProcess,
  { launch, meaning, watcher, wait = pause, now = () => performance.now() }: Supervised,
): Supervisor {
  const stopping = new AbortController();
  const { signal } = stopping;
  let server: ServerProcess | null = first;
  let tries = 0;
  let waits = 0;

  /** Resolves when a run is ready; null when there will be none. */
  const again = async (ended: DatabaseStartError): Promise<ServerProcess | null> => {
    const reported = new Set<LossReason>();
    const report = (why: LossReason): void => {
      if (!reported.has(why)) watcher.lost(why);
      reported.add(why);
    };
    for (let error = ended; ;) {
      const isFull = error.code === 'full-disk';
      report(isFull ? 'full-disk' : 'ended');
      if (!isFull) tries++;
      if (tries > restarts.most) {
        watcher.givenUp(error);
        return null;
      }
      await wait(Math.min(restarts.firstWaitMs * 2 ** waits++, restarts.longestWaitMs), signal);
      if (signal.aborted) return null;
      try {
        server = await launch();
        if (signal.aborted) await server.stop();
        await server.ready;
        return server;
      } catch (failure) {
        server = null;
        if (signal.aborted) return null;
        error = meaning(failure);
      }
    }
  };

  const running = (async () => {
    for (let run: ServerProcess | null = first; run !== null;) {
      const began = now();
      const said = await run.ended;
      server = null;
      if (signal.aborted) return;
      if (now() - began >= restarts.calmMs) tries = waits = 0;
      run = await again(meaning(new Error(said)));
      if (run !== null && !signal.aborted) watcher.back();
    }
  })();

  return {
    async stop() {
      stopping.abort();
      await server?.stop();
      await running;
    },
  };
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  // Keeps the process alive until the database is back.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};
