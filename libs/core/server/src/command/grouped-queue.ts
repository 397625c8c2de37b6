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

/** Work in a line, until it is settled; what comes after the first settling counts for nothing. */
export class Waiting<W, R> {
  isAnswered = false;
  private readonly outcome = Promise.withResolvers<R>();

  constructor(
    readonly work: W,
    readonly since: number,
  ) {}

  readonly settle = (answer: R): void => {
    this.isAnswered = true;
    this.outcome.resolve(answer);
  };

  readonly fail = (error: unknown): void => {
    this.isAnswered = true;
    this.outcome.reject(error);
  };

  get answer(): Promise<R> {
    return this.outcome.promise;
  }
}

interface Line<W, R> {
  /** Taken and not settled yet. */
  taken: readonly Waiting<W, R>[];
  readonly waiting: Waiting<W, R>[];
}

/**
 * Takes the work that waits for one key in groups, one group at a time; keys do not wait for each other. What a group leaves
 * unsettled is taken again, before what has come since. A full line rejects at once with 503 `platform.busy`, and so does
 * work that waited too long when its turn comes: otherwise, while nothing can be written, each would wait for the timeouts
 * of all before it.
 */
export class GroupedQueue<W, R> {
  private readonly lines = new Map<string, Line<W, R>>();

  constructor(
    private readonly take: (key: string, group: readonly Waiting<W, R>[]) => Promise<void>,
    private readonly bounds: QueueBounds = queueBounds,
    private readonly now: () => number = () => performance.now(),
  ) {}

  run(key: string, work: W): Promise<R> {
    const line = this.lines.get(key) ?? { taken: [], waiting: [] };
    if (line.taken.length + line.waiting.length >= this.bounds.most) return Promise.reject(busy());
    const waiting = new Waiting<W, R>(work, this.now());
    line.waiting.push(waiting);
    if (!this.lines.has(key)) {
      this.lines.set(key, line);
      void this.serve(key, line);
    }
    return waiting.answer;
  }

  get size(): number {
    return this.lines.size;
  }

  private async serve(key: string, line: Line<W, R>): Promise<void> {
    while (line.taken.length + line.waiting.length > 0) {
      const next = line.waiting.splice(0, this.bounds.group - line.taken.length);
      for (const { since, fail } of next) if (this.now() - since > this.bounds.waitMs) fail(busy());
      line.taken = [...line.taken, ...next].filter(({ isAnswered }) => !isAnswered);
      if (line.taken.length === 0) continue;
      await this.take(key, line.taken).catch((error: unknown) => {
        for (const { isAnswered, fail } of line.taken) if (!isAnswered) fail(error);
      });
      line.taken = line.taken.filter(({ isAnswered }) => !isAnswered);
    }
    this.lines.delete(key);
  }
}
