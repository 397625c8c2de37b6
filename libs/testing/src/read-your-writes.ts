import { setTimeout as sleep } from 'node:timers/promises';
import type request from 'supertest';

/** Rounds of a few milliseconds: far more than any machine needs, so that only what never comes ends here. */
const maxRounds = 10_000;

/** How far the read models of an app are, and how far the log is. */
export interface Progress {
  readonly position: () => Promise<bigint>;
  readonly head: () => Promise<bigint>;
  /** Nobody projects any more: there is nothing to wait for. */
  readonly stopped?: () => boolean;
}

class ProjectionsBehind extends Error {}

const progressOf = new WeakMap<object, Progress>();

/**
 * From now on reads of this app's clients wait until all that was recorded before them is projected, also what others wrote: no spec
 * depends on how fast the projections are. Null ends it, for specs in which nothing is projected.
 */
export function readYourWrites(app: object, progress: Progress | null): void {
  if (progress)
    progressOf.set(app, { ...progress, position: coalesced(progress.position), head: coalesced(progress.head) });
  else progressOf.delete(app);
}

/** Many that wait at once ask once: each gets an answer to a question that was asked after it came. */
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

export async function caughtUp({ position, head, stopped }: Progress): Promise<void> {
  const recorded = await head();
  for (let round = 0; stopped?.() !== true && (await position()) < recorded; round++) {
    if (round > maxRounds) throw new ProjectionsBehind(`The projections stay behind ${recorded}.`);
    await sleep(5);
  }
}

/** Lets a request that reads wait; one that writes goes as it is. */
export function afterProjection(app: object, test: request.Test, reads = test.method === 'GET'): request.Test {
  const send = test.then.bind(test);
  type Handlers = Parameters<typeof send>;
  if (!reads) return test;
  test.then = ((...[done, failed]: Handlers) => {
    const progress = progressOf.get(app);
    if (!progress) return send(done, failed);
    // Where nobody can tell, in an outage, the request itself says what is wrong.
    const told = caughtUp(progress).catch((error: unknown) => {
      if (error instanceof ProjectionsBehind) throw error;
    });
    return told.then(() => send(done, failed), failed);
  }) as typeof test.then;
  return test;
}
