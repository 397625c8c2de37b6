/*
 * How an EventStoreDB node handles appends and reads, by its documentation and source: the part of the double without gRPC.
 */
export interface LoggedEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly metadata: ReadonlyMap<string, string>;
  readonly data: Uint8Array;
  readonly customMetadata: Uint8Array;
}
export type Proposed = Pick<LoggedEvent, 'id' | 'metadata' | 'data' | 'customMetadata'>;
export type Expected = bigint | 'any' | 'no-stream' | 'stream-exists';
export type Appended =
  | { readonly kind: 'success'; readonly revision: number; readonly position: bigint }
  | { readonly kind: 'wrong-version'; /** null: no stream. */ readonly current: number | null };

/** Ticks of 100 ns since the Unix epoch, as the server sends them. */
const ticks = (ms: number): string => String(BigInt(ms) * 10_000n);

export class EventStoreDbLog {
  readonly events: LoggedEvent[] = [];
  readonly #streams = new Map<string, LoggedEvent[]>();
  readonly #followers = new Set<() => void>();
  #position = 0n;
  #clock = 0;

  constructor() {
    // A real log never starts with an application event.
    for (const type of ['$UserCreated', '$metadata']) {
      this.append('$users', 'any', [
        { id: crypto.randomUUID(), metadata: new Map([['type', type]]), data: empty, customMetadata: empty },
      ]);
    }
  }

  /** The log as restored from a backup after its first `count` events. */
  restored(count: number): EventStoreDbLog {
    const older = new EventStoreDbLog();
    older.events.length = 0;
    older.#streams.clear();
    for (const event of this.events.slice(0, count)) {
      older.events.push(event);
      const stream = older.#streams.get(event.stream) ?? [];
      older.#streams.set(event.stream, stream);
      stream.push(event);
      older.#position = event.position;
    }
    return older;
  }

  stream(name: string): readonly LoggedEvent[] {
    return this.#streams.get(name) ?? [];
  }

  append(name: string, expected: Expected, proposed: readonly Proposed[]): Appended {
    const stream = this.#streams.get(name) ?? [];
    const current = stream.length - 1;
    const isExpected =
      expected === 'any' ||
      (expected === 'no-stream'
        ? current < 0
        : expected === 'stream-exists'
          ? current >= 0
          : expected === BigInt(current));
    // Without a revision the server looks for the ids among recent events; with one it compares the events after it.
    const first =
      typeof expected === 'bigint'
        ? Number(expected) + 1
        : expected === 'no-stream'
          ? 0
          : stream.findIndex((e) => e.id === proposed[0]?.id);
    const standing = first < 0 ? [] : stream.slice(first, first + proposed.length);
    if (
      proposed.length > 0 &&
      standing.length === proposed.length &&
      standing.every((event, i) => event.id === proposed[i]!.id)
    ) {
      const last = standing.at(-1)!;
      return { kind: 'success', revision: last.revision, position: last.position };
    }
    if (!isExpected) return { kind: 'wrong-version', current: current < 0 ? null : current };
    this.#streams.set(name, stream);
    this.#clock = Math.max(this.#clock, Date.now());
    for (const event of proposed) {
      // Positions are places in a file: ordered, with gaps.
      this.#position += 100n + BigInt(event.data.length);
      const metadata = new Map([...event.metadata, ['created', ticks(this.#clock)]]);
      const logged = { ...event, metadata, stream: name, revision: stream.length, position: this.#position };
      stream.push(logged);
      this.events.push(logged);
    }
    for (const wake of [...this.#followers]) wake();
    return { kind: 'success', revision: stream.length - 1, position: this.#position };
  }

  /** Forwards from a position inclusively, backwards exclusively, like the server for $all. */
  all(from: bigint | 'start' | 'end', backwards: boolean): readonly LoggedEvent[] {
    if (backwards)
      return this.events.filter((e) => from === 'end' || (from !== 'start' && e.position < from)).reverse();
    return this.events.filter((e) => from === 'start' || (from !== 'end' && e.position >= from));
  }

  /** Calls back on every append; the returned function unsubscribes. */
  follow(wake: () => void): () => void {
    this.#followers.add(wake);
    return () => this.#followers.delete(wake);
  }
}

const empty = new Uint8Array();
