import { reject, RejectionError } from '@daybook/kernel';

/** How many may wait for one key, for how long, and how many of them are taken together. */
export interface QueueBounds {
  readonly most: number;
  readonly waitMs: number;
  readonly group: number;
}
export const queueBounds: QueueBounds = { most: 500, waitMs: 15_000, group: 128 };

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

/** Work in a line, until it is settled. */
export interface Waiting<W, R> {
  readonly work: W;
  readonly settle: (answer: R) => void;
  readonly fail: (error: unknown) => void;
}

interface Line<W, R> {
  /** Those that the present group is made of are counted too. */
  length: number;
  readonly waiting: (Waiting<W, R> & { readonly since: number })[];
}

/**
 * Takes the work that waits for one key in groups, one group at a time; keys do not wait for each other. A full line
 * rejects at once with 503 `platform.busy`, and so does work that waited too long when its turn comes: otherwise, while
 * nothing can be written, each would wait for the timeouts of all before it.
 */
export class GroupedQueue<W, R> {
  private readonly lines = new Map<string, Line<W, R>>();

  /** `take` settles what it is given, and answers what must be taken again, before what has come since. */
  constructor(
    private readonly take: (key: string, group: readonly Waiting<W, R>[]) => Promise<readonly Waiting<W, R>[]>,
    private readonly bounds: QueueBounds = queueBounds,
    private readonly now: () => number = () => performance.now(),
  ) {}

  run(key: string, work: W): Promise<R> {
    const line = this.lines.get(key) ?? { length: 0, waiting: [] };
    if (line.length >= this.bounds.most) return Promise.reject(busy());
    return new Promise((settle, fail) => {
      line.waiting.push({ work, settle, fail, since: this.now() });
      line.length += 1;
      if (this.lines.has(key)) return;
      this.lines.set(key, line);
      void this.serve(key, line);
    });
  }

  get size(): number {
    return this.lines.size;
  }

  private async serve(key: string, line: Line<W, R>): Promise<void> {
    let again: readonly Waiting<W, R>[] = [];
    while (line.length > 0) {
      const next = line.waiting.splice(0, this.bounds.group - again.length);
      for (const late of next.filter(({ since }) => this.now() - since > this.bounds.waitMs)) late.fail(busy());
      const group = [...again, ...next.filter(({ since }) => this.now() - since <= this.bounds.waitMs)];
      again = group.length === 0 ? [] : await this.taken(key, group);
      line.length = again.length + line.waiting.length;
    }
    this.lines.delete(key);
  }

  private async taken(key: string, group: readonly Waiting<W, R>[]): Promise<readonly Waiting<W, R>[]> {
    try {
      return await this.take(key, group);
    } catch (error) {
      for (const { fail } of group) fail(error);
      return [];
    }
  }
}
