import {
  appendInTurn,
  type AppendOutcome,
  type EventCatalogue,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
  type GroupOutcome,
  type StoredEvent,
  UnknownEventError,
} from '@daybook/event-store';
import type { EventDeclaration } from '@daybook/kernel';

/** An event store in memory, for specs of its users; slow on demand, to provoke races. */
export class MemoryStore implements EventStore {
  readonly all: StoredEvent[] = [];
  readonly findsRepeats = true;
  appends = 0;
  conflicts = 0;
  constructor(private readonly pause: () => Promise<void> = async () => undefined) {}

  async append(
    stream: string,
    expected: number | 'none' | 'any',
    events: readonly EventToAppend[],
  ): Promise<AppendOutcome> {
    await this.pause();
    this.appends++;
    const mine = this.all.filter((e) => e.stream === stream);
    const actual = mine.length - 1;
    const first = mine.findIndex((e) => e.id === events[0]?.id);
    if (first >= 0) {
      const last = mine[first + events.length - 1];
      if (last?.id !== events.at(-1)!.id) return { kind: 'conflict', actual };
      return {
        kind: 'appended',
        revision: last.revision,
        position: last.position,
        recordedAt: last.recordedAt,
        repeated: true,
      };
    }
    if (expected !== 'any' && (expected === 'none' ? -1 : expected) !== actual) {
      this.conflicts++;
      return { kind: 'conflict', actual };
    }
    const recordedAt = new Date().toISOString();
    events.forEach((event, index) => {
      const position = BigInt(this.all.length + 1);
      this.all.push(structuredClone({ ...event, stream, revision: actual + 1 + index, position, recordedAt }));
    });
    const last = this.all.at(-1)!;
    return { kind: 'appended', revision: last.revision, position: last.position, recordedAt, repeated: false };
  }

  appendGroup(
    stream: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]> {
    return appendInTurn(expected, appends, (from, events) => this.append(stream, from, events));
  }

  async *readStream(
    stream: string,
    { from, backwards = false, limit = Infinity }: Parameters<EventStore['readStream']>[1] = {},
  ): AsyncIterable<StoredEvent> {
    await this.pause();
    const events = this.all.filter((e) => e.stream === stream);
    const found = backwards ? events.slice(0, (from ?? Infinity) + 1).reverse() : events.slice(from ?? 0);
    yield* found.slice(0, limit);
  }

  async eventAt(position: bigint): Promise<StoredEvent | null> {
    return this.all.find((event) => event.position === position) ?? null;
  }

  async *readAll(): AsyncIterable<StoredEvent> {
    yield* this.all;
  }

  async *subscribeAll(): AsyncIterable<{ events: StoredEvent[]; caughtUp: boolean }> {
    yield { events: [...this.all], caughtUp: true };
  }

  async lastRevisions(streams: readonly string[]): Promise<number[]> {
    await this.pause();
    return streams.map((stream) => this.all.filter((event) => event.stream === stream).length - 1);
  }

  async head(): Promise<bigint> {
    await this.pause();
    return this.all.at(-1)?.position ?? 0n;
  }

  async close(): Promise<void> {
    this.all.length = 0;
  }
}

/** A catalogue without sealing and upcasting. */
export const plainCatalogue = (declarations: readonly EventDeclaration[]): EventCatalogue => ({
  declaration: (name) => declarations.find((d) => d.name === name),
  sealedHmac: async (inputHmac) => inputHmac,
  prefetchKeys: async () => undefined,
  toStore: async (id, event, meta) => ({ id, type: `${event.type}.v1`, data: event.data, meta }),
  fromStore: async (stored) => {
    const type = stored.type.replace(/\.v\d+$/, '');
    if (!declarations.some((d) => d.name === type)) throw new UnknownEventError(stored.type, null);
    return { ...stored, type, version: 1 };
  },
});
