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
import type { EventDeclaration, EventEffect, EventMeta, NewEvent, RecordedEvent } from '@daybook/kernel';
import { eventIdOf, nameId } from '@daybook/kernel';

/** An event store in memory, for specs of its readers. Each append is one clock tick; `position` counts events. */
export class EventLog implements EventStore {
  readonly events: StoredEvent[] = [];
  readonly findsRepeats = false;
  private readonly streams = new Map<string, StoredEvent[]>();
  private wake: (() => void)[] = [];
  /** Number of events read from streams at a time, for specs. */
  readStreams = 0;

  constructor(public startsAt = Date.UTC(2026, 0, 1)) {}

  async append(stream: string, _expected: unknown, events: readonly EventToAppend[]): Promise<AppendOutcome> {
    const known = this.streams.get(stream) ?? [];
    this.streams.set(stream, known);
    for (const event of events) {
      const position = BigInt(this.events.length + 1);
      const recordedAt = new Date(this.startsAt + Number(position) * 1000).toISOString();
      const stored = { ...event, stream, revision: known.length, position, recordedAt };
      known.push(stored);
      this.events.push(stored);
    }
    for (const wake of this.wake.splice(0)) wake();
    const last = known.at(-1)!;
    return { kind: 'appended', revision: last.revision, position: last.position, recordedAt: last.recordedAt, repeated: false }; // prettier-ignore
  }

  appendGroup(
    stream: string,
    expected: ExpectedRevision,
    appends: readonly (readonly EventToAppend[])[],
  ): Promise<GroupOutcome[]> {
    return appendInTurn(expected, appends, (from, events) => this.append(stream, from, events));
  }

  /** Appends one event as a newer program would write it: of a type or version that the catalogue may not know. */
  async recordAs(
    wireType: string,
    tenant: string,
    stream: string,
    data: object,
    effect?: EventEffect,
  ): Promise<bigint> {
    const commandId = nameId(tenant, stream, String(this.events.length));
    const meta = { ...metaOf(tenant, commandId, 0, 1), ...(effect ? { effect } : {}) };
    await this.append(stream, 'any', [{ id: eventIdOf(commandId, stream, 0), type: wireType, data, meta }]);
    return this.head();
  }

  /** Declares and appends in one step; returns the position. */
  async record(tenant: string, stream: string, ...events: readonly NewEvent[]): Promise<bigint> {
    const commandId = nameId(tenant, stream, String(this.events.length));
    const out = await this.append(stream, 'any', events.map((e, i) => ({ id: eventIdOf(commandId, stream, i), type: `${e.type}.v1`, data: e.data, meta: metaOf(tenant, commandId, i, events.length) }))); // prettier-ignore
    if (out.kind !== 'appended') throw new Error(out.kind);
    return out.position;
  }

  async *readStream(
    stream: string,
    { from, backwards = false, limit = Infinity }: Parameters<EventStore['readStream']>[1] = {},
  ): AsyncIterable<StoredEvent> {
    this.readStreams += 1;
    const events = this.streams.get(stream) ?? [];
    const found = backwards ? events.slice(0, (from ?? Infinity) + 1).reverse() : events.slice(from ?? 0);
    yield* found.slice(0, limit);
  }

  eventAt = async (position: bigint): Promise<StoredEvent | null> => this.events[Number(position) - 1] ?? null;

  async *readAll(options: Parameters<EventStore['readAll']>[0] = {}): AsyncIterable<StoredEvent> {
    const {
      after = 0n,
      before = BigInt(this.events.length) + 1n,
      backwards = false,
      limit = Infinity,
      tenant,
    } = options;
    const found = backwards ? this.events.slice(0, Number(before) - 1).reverse() : this.events.slice(Number(after));
    yield* found
      .filter((e) => (tenant === undefined || e.meta.tenant === tenant) && e.position > after && e.position < before)
      .slice(0, limit);
  }

  async *subscribeAll({ after, batch = 100, signal }: Parameters<EventStore['subscribeAll']>[0]) {
    for (let from = Number(after); !signal.aborted;) {
      const events = this.events.slice(from, from + batch);
      from += events.length;
      if (events.length > 0) yield { events, caughtUp: from === this.events.length };
      else {
        await new Promise<void>((resolve) => {
          this.wake.push(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
      }
    }
  }

  lastRevisions = async (streams: readonly string[]): Promise<number[]> =>
    streams.map((stream) => (this.streams.get(stream)?.length ?? 0) - 1);
  head = async (): Promise<bigint> => BigInt(this.events.length);
  close = async (): Promise<void> => undefined;
}

const metaOf = (tenant: string, commandId: string, index: number, count: number): EventMeta => ({
  tenant,
  actor: { kind: 'person', id: nameId(tenant, 'ingrid') },
  operation: 'testing.note.write',
  commandId,
  index,
  count,
  correlationId: commandId,
  causationId: null,
  channel: 'rest',
  address: null,
  reason: null,
  inputHmac: '',
  record: { type: 'testing.note', id: commandId, version: 1 },
});

/** A catalogue without sealing. */
export function plainCatalogue(declarations: readonly EventDeclaration[]): EventCatalogue {
  const byName = new Map(declarations.map((d) => [d.name as string, d]));
  return {
    declaration: (name) => byName.get(name),
    sealedHmac: async (inputHmac) => inputHmac,
    prefetchKeys: async () => undefined,
    toStore: async (id, event, meta) => ({ id, type: `${event.type}.v1`, data: event.data, meta }),
    fromStore: async (stored): Promise<RecordedEvent> => {
      const [, name = '', version = ''] = /^(.*)\.v(\d+)$/.exec(stored.type) ?? [];
      const declaration = byName.get(name);
      if (!declaration || Number(version) > declaration.version) throw new UnknownEventError(stored.type, null);
      return { ...stored, type: declaration.name, version: declaration.version };
    },
  };
}
