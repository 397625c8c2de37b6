import { reject, RejectionError } from '@daybook/kernel';
import { appendAnswerMs, isOutage, isRefusal } from '@daybook/postgres';
import type { Pool } from 'pg';
import { appendInTurn } from '../append-in-turn.js';
import type { ExpectedRevision, GroupOutcome } from '../port.js';
import type { SerializedEvent } from '../serialize-append.js';

/** Appends to one stream, each decided on the state after the previous one. */
export interface PendingAppends {
  readonly tenant: string;
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly appends: readonly (readonly SerializedEvent[])[];
  readonly bytes: number;
}
interface Waiting extends PendingAppends {
  readonly settle: (outcomes: GroupOutcome[]) => void;
  readonly fail: (error: unknown) => void;
}
interface OutcomeRow {
  readonly outcome: 'appended' | 'repeated' | 'conflict' | 'id-taken' | 'skipped';
  readonly revision: number;
  readonly pos: string | null;
  readonly at: string | null;
}

const limits = { appends: 256, bytes: 4_000_000, groups: 2 };
/** Limits of the queue, in total and per stream. More is refused at once, so that memory does not run out. */
const mostWaiting = { appends: 4_000, bytes: 64_000_000, ofOneStream: 500 };
const tooMany = () =>
  new RejectionError(
    reject('platform.busy', 'Too much waits to be written already. Nothing of this was; try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 2 },
    }),
  );
/** JSON never contains this character unescaped, so texts are joined with it; cheaper than an escaped array literal. */
const separator = '\u001e';
const texts = (n: number): string => `string_to_array($${n}, e'\\x1e')`;
const statement = {
  name: 'daybook append',
  text: `select * from store.append($1::uuid[], ${texts(2)}, $3::int[],
    $4::int[], $5::uuid[], ${texts(6)}, ${texts(7)}, ${texts(8)})`,
};

/**
 * Group commit: appends that arrive while others are being committed share the next transaction. A stream is in one group at a
 * time; its next append waits, which keeps the order of calls.
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

  append(pending: PendingAppends): Promise<GroupOutcome[]> {
    return new Promise((settle, fail) => {
      const before = this.#waitingOf.get(pending.stream) ?? 0;
      const { appends, bytes, ofOneStream } = mostWaiting;
      if (this.#queue.length >= appends || this.#waitingBytes >= bytes || before >= ofOneStream) return fail(tooMany());
      this.#waitingOf.set(pending.stream, before + 1);
      this.#waitingBytes += pending.bytes;
      this.#queue.push({ ...pending, settle, fail });
      this.#schedule();
    });
  }

  #leftQueue({ stream, bytes }: Waiting): void {
    const left = (this.#waitingOf.get(stream) ?? 1) - 1;
    if (left === 0) this.#waitingOf.delete(stream);
    else this.#waitingOf.set(stream, left);
    this.#waitingBytes -= bytes;
  }

  /** After the current turn of the event loop, so that its appends form one group. */
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
    let [bytes, appends] = [0, 0];
    for (const waiting of this.#queue) {
      const isMore = appends + waiting.appends.length > limits.appends || bytes + waiting.bytes > limits.bytes;
      const full = group.length > 0 && isMore;
      if (full || this.#busy.has(waiting.stream) || passed.has(waiting.stream)) {
        later.push(waiting);
        passed.add(waiting.stream);
        continue;
      }
      this.#busy.add(waiting.stream);
      this.#leftQueue(waiting);
      group.push(waiting);
      bytes += waiting.bytes;
      appends += waiting.appends.length;
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
      let from = 0;
      for (const { stream, appends, settle } of group) {
        settle(rows.slice(from, from + appends.length).map((row) => outcomeOf(stream, row)));
        from += appends.length;
      }
    } catch (error) {
      const [only] = group;
      // The server refused the group because of one append: retried one by one, only that one fails.
      if (!isRefusal(error) || !only) return group.forEach((waiting) => waiting.fail(error));
      if (group.length > 1) for (const waiting of group) await this.#settle([waiting]);
      else if (only.appends.length > 1) only.settle(await this.#inTurn(only));
      else only.fail(error);
    }
  }

  #inTurn(pending: PendingAppends): Promise<GroupOutcome[]> {
    return appendInTurn(pending.expected, pending.appends, async (expected, events) => {
      const [row] = await this.#write([{ ...pending, expected, appends: [events] }]);
      return outcomeOf(pending.stream, row!);
    });
  }

  async #write(group: readonly PendingAppends[]): Promise<OutcomeRow[]> {
    const all = group.flatMap(({ appends, ...to }) =>
      appends.map((events, i) => ({ ...to, events, isFirst: i === 0 })),
    );
    const events = all.flatMap((append) => append.events);
    const values = [
      all.map((append) => append.tenant),
      all.map((append) => append.stream).join(separator),
      all.map(({ isFirst, expected }) => (isFirst ? asNumber(expected) : asNumber('any'))),
      all.flatMap((append, i) => append.events.map(() => i + 1)),
      events.map((event) => event.id),
      events.map((event) => event.type).join(separator),
      events.map((event) => event.data).join(separator),
      events.map((event) => event.meta).join(separator),
    ];
    // With a deadline: a server process that hangs, or a dead network connection, must not block all others.
    const append = { ...statement, values, answerMs: this.answerMs };
    try {
      return (await this.pool.query<OutcomeRow>(append)).rows;
    } catch (error) {
      // What was sent over a broken or hanging connection may have been committed, or may be later. The function recognises
      // events by their ids, so that both attempts count once.
      if (!isOutage(error)) throw error;
      return (await this.pool.query<OutcomeRow>(append)).rows;
    }
  }
}

/** The function's parameter: -1 for a new stream, -2 for any revision. */
const asNumber = (expected: ExpectedRevision): number =>
  expected === 'any' ? -2 : expected === 'none' ? -1 : expected;

function outcomeOf(stream: string, { outcome, revision, pos, at }: OutcomeRow): GroupOutcome {
  switch (outcome) {
    case 'conflict':
      return { kind: 'conflict', actual: revision };
    case 'skipped':
      return { kind: 'skipped' };
    case 'id-taken':
      return {
        kind: 'failed',
        error: new Error(`An event id appended to ${stream} stands in another stream already.`),
      };
    case 'appended':
    case 'repeated':
      return {
        kind: 'appended',
        revision,
        position: BigInt(pos!),
        recordedAt: asRecordedAt(at!),
        repeated: outcome === 'repeated',
      };
  }
}

/** Always three digits of milliseconds: instants of events can be compared as text and fit a JS Date. */
export const asRecordedAt = (instant: string): string => new Date(instant).toISOString();
