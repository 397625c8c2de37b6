import { reject, RejectionError } from '@daybook/kernel';

/** How many may wait for one key, and for how long. */
export interface QueueBounds {
  readonly most: number;
  readonly waitMs: number;
}
export const queueBounds: QueueBounds = { most: 500, waitMs: 15_000 };

const busy = () =>
  new RejectionError(
    reject(
      'platform.busy',
      'Too many changes to this record are waiting already. Nothing was written. Try again in a moment.',
      {
        status: 503,
        details: { retryAfterSeconds: 2 },
      },
    ),
  );

interface Line {
  waiting: number;
  tail: Promise<unknown>;
}

/**
 * Runs work one after another per key; keys do not wait for each other, and a failure affects only its own work. A full
 * queue rejects at once with 503 `platform.busy`, and so does work that waited too long when its turn comes: otherwise,
 * while nothing can be written, each would wait for the timeouts of all before it.
 */
export class KeyedQueue {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly bounds: QueueBounds = queueBounds,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key) ?? { waiting: 0, tail: Promise.resolve() };
    if (line.waiting >= this.bounds.most) throw busy();
    this.lines.set(key, line);
    line.waiting += 1;
    const since = this.now();
    const mine = line.tail.then(() => {
      if (this.now() - since > this.bounds.waitMs) throw busy();
      return work();
    });
    line.tail = mine.then(
      () => undefined,
      () => undefined,
    );
    try {
      return await mine;
    } finally {
      line.waiting -= 1;
      if (line.waiting === 0) this.lines.delete(key);
    }
  }

  get size(): number {
    return this.lines.size;
  }
}
