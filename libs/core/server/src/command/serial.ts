import { reject, RejectionError } from '@daybook/kernel';

/** How much may wait for one key, and how long any of it does. */
export interface SerialBounds {
  readonly most: number;
  readonly waitMs: number;
}
export const serialBounds: SerialBounds = { most: 500, waitMs: 15_000 };

const busy = () =>
  new RejectionError(
    reject('platform.busy', 'Many changes wait here already. Nothing was written; try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 2 },
    }),
  );

interface Line {
  waiting: number;
  tail: Promise<unknown>;
}

/**
 * Runs work one after another per key; keys do not wait for each other. A failure ends its own work only. What would be one
 * too many is refused at once with 503 `platform.busy`, and so is what has waited too long when its turn comes: while
 * nothing can be written, each of a long line would wait for the deadlines of all before it.
 */
export class Serial {
  private readonly lines = new Map<string, Line>();

  constructor(
    private readonly bounds: SerialBounds = serialBounds,
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
