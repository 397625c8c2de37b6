import type { EventCatalogue, EventStore, StoredEvent } from '@daybook/event-store';
import type { EventMeta, NewEvent } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';

/** How long a repeat of a keyed command is recognised (DECISIONS 3). */
export const rememberMs = 7 * 24 * 3600 * 1000;

/** What a command answered, as its stored events tell it. */
export interface Remembered {
  readonly inputHmac: string;
  readonly id: string;
  readonly version: number;
  readonly position: bigint;
  readonly at: number;
}

/** A stream's folded state up to `revision` (-1: empty), and the commands of the last days. */
export class StreamState {
  revision = -1;
  position = 0n;
  readonly commands = new Map<string, Remembered>();

  constructor(
    private readonly binding: DecideBinding,
    public state: unknown = binding.decider.initial,
  ) {}

  /** Reads what was appended since, by whomever. */
  async readTail(stream: string, store: EventStore, catalogue: EventCatalogue): Promise<void> {
    for await (const stored of store.readStream(stream, { from: this.revision + 1 })) {
      const event = await catalogue.fromStore(stored);
      this.take(event, stored);
    }
  }

  /** Folds one event in; `event` is null for a type this program does not know. */
  take(event: NewEvent | null, stored: Pick<StoredEvent, 'revision' | 'position' | 'recordedAt' | 'meta'>): void {
    if (event !== null && this.binding.events.some((e) => e.name === event.type)) {
      this.state = this.binding.decider.evolve(this.state, event, { revision: stored.revision });
    }
    this.revision = stored.revision;
    this.position = stored.position;
    this.remember(stored.meta, stored);
  }

  /** The last event of a command completes its answer; earlier ones are overwritten by it. */
  private remember(meta: EventMeta, stored: Pick<StoredEvent, 'position' | 'recordedAt'>): void {
    const at = Date.parse(stored.recordedAt);
    this.commands.set(meta.commandId, {
      inputHmac: meta.inputHmac,
      id: meta.answer?.id ?? meta.record.id,
      version: meta.answer?.version ?? meta.record.version,
      position: stored.position,
      at,
    });
  }

  /** Insertion order is recording order, so the old ones stand first. */
  forget(now: number): void {
    for (const [commandId, command] of this.commands) {
      if (command.at > now - rememberMs) break;
      this.commands.delete(commandId);
    }
  }
}

/** The least recently used streams leave first. */
export class StreamCache {
  private readonly entries = new Map<string, StreamState>();
  constructor(private readonly capacity: number) {}

  get(key: string): StreamState | undefined {
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
    }
    return found;
  }

  set(key: string, state: StreamState): void {
    this.entries.delete(key);
    this.entries.set(key, state);
    for (const oldest of this.entries.keys()) {
      if (this.entries.size <= this.capacity) break;
      this.entries.delete(oldest);
    }
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}
