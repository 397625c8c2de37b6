import { reject, RejectionError } from '@daybook/kernel';
import { appendAnswerMs, isOutage, isRefusal } from '@daybook/postgres';
import type { Pool } from 'pg';
import type { AppendOutcome } from '../port.js';
import type { SerializedEvent } from '../serialize-append.js';

export interface PendingAppend {
  readonly tenant: string;
  readonly stream: string;
  /** -1: no stream yet, -2: any. */
  readonly expected: number;
  readonly events: readonly SerializedEvent[];
  readonly bytes: number;
}
interface Waiting extends PendingAppend {
  readonly settle: (outcome: AppendOutcome) => void;
  readonly fail: (error: unknown) => void;
}
interface OutcomeRow {
  readonly outcome: 'appended' | 'repeated' | 'conflict' | 'id-taken';
  readonly revision: number;
  readonly pos: string | null;
  readonly at: string | null;
}

const limits = { appends: 256, bytes: 4_000_000, groups: 2 };
/** What may wait: all together, and for one stream. More is refused at once instead of kept until memory ends. */
const mostWaiting = { appends: 4_000, bytes: 64_000_000, ofOneStream: 500 };
const tooMany = () =>
  new RejectionError(
    reject('platform.busy', 'Too much waits to be written already. Nothing of this was; try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 2 },
    }),
  );
/** JSON never holds this character unescaped, so texts are joined with it: cheaper than an escaped array literal. */
const separator = '\u001e';
const texts = (n: number): string => `string_to_array($${n}, e'\\x1e')`;
const statement = {
  name: 'daybook append',
  text: `select * from store.append($1::uuid[], ${texts(2)}, $3::int[],
    $4::int[], $5::uuid[], ${texts(6)}, ${texts(7)}, ${texts(8)})`,
};

/**
 * Appends that arrive while others are being committed share the next transaction, so that the price of a commit is
 * paid once per group. A stream is in one group at a time; its next append waits, which keeps the order of calls.
 */
export class GroupCommit {
  #queue: Waiting[] = [];
  #running = 0;
  #scheduled = false;
  #waitingBytes = 0;
  readonly #waitingOf = new Map<string, number>();
  readonly #busy = new Set<string>();

  constructor(
    private readonly pool: Pool,
    private readonly answerMs = appendAnswerMs,
  ) {}

  append(append: PendingAppend): Promise<AppendOutcome> {
    return new Promise((settle, fail) => {
      const before = this.#waitingOf.get(append.stream) ?? 0;
      const { appends, bytes, ofOneStream } = mostWaiting;
      if (this.#queue.length >= appends || this.#waitingBytes >= bytes || before >= ofOneStream) return fail(tooMany());
      this.#waitingOf.set(append.stream, before + 1);
      this.#waitingBytes += append.bytes;
      this.#queue.push({ ...append, settle, fail });
      this.#schedule();
    });
  }

  #leftQueue({ stream, bytes }: Waiting): void {
    const left = (this.#waitingOf.get(stream) ?? 1) - 1;
    if (left === 0) this.#waitingOf.delete(stream);
    else this.#waitingOf.set(stream, left);
    this.#waitingBytes -= bytes;
  }

  /** After the present turn, so that what one turn appends together goes together. */
  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#running < limits.groups) {
        const group = this.#take();
        if (group.length === 0) break;
        void this.#commit(group);
      }
    });
  }

  #take(): Waiting[] {
    const group: Waiting[] = [];
    const later: Waiting[] = [];
    const passed = new Set<string>();
    let bytes = 0;
    for (const waiting of this.#queue) {
      const full = group.length >= limits.appends || (group.length > 0 && bytes + waiting.bytes > limits.bytes);
      if (full || this.#busy.has(waiting.stream) || passed.has(waiting.stream)) {
        later.push(waiting);
        passed.add(waiting.stream);
        continue;
      }
      this.#busy.add(waiting.stream);
      this.#leftQueue(waiting);
      group.push(waiting);
      bytes += waiting.bytes;
    }
    this.#queue = later;
    return group;
  }

  async #commit(group: readonly Waiting[]): Promise<void> {
    this.#running++;
    try {
      await this.#settle(group);
    } finally {
      for (const { stream } of group) this.#busy.delete(stream);
      this.#running--;
      this.#schedule();
    }
  }

  async #settle(group: readonly Waiting[]): Promise<void> {
    try {
      const rows = await this.#write(group);
      group.forEach((waiting, i) => answer(waiting, rows[i]!));
    } catch (error) {
      // What the server refused, it refused for one of them: each alone shows whose fault it is.
      if (group.length > 1 && isRefusal(error)) {
        for (const waiting of group) await this.#settle([waiting]);
      } else {
        for (const waiting of group) waiting.fail(error);
      }
    }
  }

  async #write(group: readonly Waiting[]): Promise<OutcomeRow[]> {
    const events = group.flatMap((append) => append.events);
    const values = [
      group.map((append) => append.tenant),
      group.map((append) => append.stream).join(separator),
      group.map((append) => append.expected),
      group.flatMap((append, i) => append.events.map(() => i + 1)),
      events.map((event) => event.id),
      events.map((event) => event.type).join(separator),
      events.map((event) => event.data).join(separator),
      events.map((event) => event.meta).join(separator),
    ];
    // With a deadline of its own: a server process that hangs, or a line that swallows, must not stop all others.
    const append = { ...statement, values, answerMs: this.answerMs };
    try {
      return (await this.pool.query<OutcomeRow>(append)).rows;
    } catch (error) {
      // What was sent over a connection that broke or hangs may have been committed, or may be yet: the function knows the
      // events by their ids, so that the second try, and the first should it come later, count once.
      if (!isOutage(error)) throw error;
      return (await this.pool.query<OutcomeRow>(append)).rows;
    }
  }
}

function answer({ stream, settle, fail }: Waiting, row: OutcomeRow): void {
  if (row.outcome === 'conflict') return settle({ kind: 'conflict', actual: row.revision });
  if (row.outcome === 'id-taken')
    return fail(new Error(`An event id appended to ${stream} stands in another stream already.`));
  settle({
    kind: 'appended',
    revision: row.revision,
    position: BigInt(row.pos!),
    recordedAt: asRecordedAt(row.at!),
    repeated: row.outcome === 'repeated',
  });
}

/** Milliseconds, always three digits: instants of events compare as text and survive a JS Date. */
export const asRecordedAt = (instant: string): string => new Date(instant).toISOString();
