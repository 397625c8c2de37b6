import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from './server-process.js';
import type { DatabaseStartError } from './start-error.js';

/** An embedded database that ended is started again after 0.1, 0.2, 0.4 … 5 s, eight times in a row at most. */
export const restarts = {
  firstWaitMs: 100,
  longestWaitMs: 5_000,
  most: 8,
  /** A run that lasted so long is none of the row. */
  calmMs: 60_000,
} as const;

/** Why there are no answers for now. */
export type LossReason = 'ended' | 'crashed' | 'full-disk';

/** Is told what becomes of the database while it is in use. */
export interface DatabaseWatcher {
  /** It gives no answers for now; said once for each reason until it is back. */
  lost(why: LossReason): void;
  back(): void;
  /** It cannot be started any more. */
  givenUp(error: DatabaseStartError): void;
}

export interface Supervised {
  /** Starts a run; the same one again where the last has ended. */
  launch(): Promise<ServerProcess>;
  /** What a failed start, or the last words of a run, mean. */
  meaning(failure: unknown): DatabaseStartError;
  readonly watcher: DatabaseWatcher;
  /** Waits before a try; a spec holds it. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

export interface Supervisor {
  stop(): Promise<void>;
}

/**
 * Starts the database again whenever it ends. A disk that is full is waited for, however long it takes: nothing but free space
 * helps, and then it starts. Everything else is given up after `restarts.most` tries in a row.
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

  /** Until a run is ready; null when there will be none. */
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
  // Nothing else may keep the process alive until the database is back.
  await sleep(ms, undefined, { signal }).catch(() => undefined);
};
