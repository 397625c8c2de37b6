import { setTimeout as sleep } from 'node:timers/promises';
import type request from 'supertest';

/** Rounds of a few milliseconds: far more than any machine needs, so that only a real standstill ends here. */
const maxRounds = 10_000;

/** How far the read models and processes of an app are, and how far the log is. */
export interface Progress {
  readonly position: () => Promise<bigint>;
  readonly head: () => Promise<bigint>;
  /** Projections have stopped: there is nothing to wait for. */
  readonly stopped?: () => boolean;
}

class ProjectionsBehind extends Error {}

const progressOf = new WeakMap<object, Progress>();

/**
 * From now on reads of this app's clients wait until everything recorded before them is projected, so that no spec depends on
 * the speed of the projections. Null turns it off, for specs in which nothing is projected.
 */
export function readYourWrites(app: object, progress: Progress | null): void {
  if (progress)
    progressOf.set(app, { ...progress, position: coalesced(progress.position), head: coalesced(progress.head) });
  else progressOf.delete(app);
}

/** Coalesces concurrent calls into one; each gets the result of a call that began after it. */
function coalesced<T>(ask: () => Promise<T>): () => Promise<T> {
  let [running, next]: [Promise<unknown> | null, Promise<T> | null] = [null, null];
  return () =>
    (next ??= (running ?? Promise.resolve()).then(() => {
      const mine = ask();
      next = null;
      running = mine.catch(() => undefined);
      return mine;
    }));
}

/** Until what a process recorded meanwhile is applied too: nothing follows from the last event any more. */
export async function caughtUp({ position, head, stopped }: Progress): Promise<void> {
  let recorded = await head();
  for (let round = 0; stopped?.() !== true; round++) {
    if ((await position()) >= recorded) {
      const now = await head();
      if (now === recorded) return;
      recorded = now;
      continue;
    }
    if (round > maxRounds) throw new ProjectionsBehind(`The projections stay behind ${recorded}.`);
    await sleep(5);
  }
}

/** Delays a read until the projections have caught up; writes are sent at once. */
export function afterProjection(app: object, test: request.Test, reads = test.method === 'GET'): request.Test {
  const send = test.then.bind(test);
  type Handlers = Parameters<typeof send>;
  if (!reads) return test;
  test.then = ((...[done, failed]: Handlers) => {
    const progress = progressOf.get(app);
    if (!progress) return send(done, failed);
    // If the progress is unknown, as in an outage, the request itself reports the problem.
    const told = caughtUp(progress).catch((error: unknown) => {
      if (error instanceof ProjectionsBehind) throw error;
    });
    return told.then(() => send(done, failed), failed);
  }) as typeof test.then;
  return test;
}
