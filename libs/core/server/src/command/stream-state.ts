import type { EventCatalogue, EventStore } from '@daybook/event-store';
import type { NewEvent } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import { CommandIndex } from './command-index.js';

/** A stream's state, folded up to `revision` (-1: empty), and the index of its commands. */
export class StreamState {
  revision = -1;
  position = 0n;
  readonly commands = new CommandIndex();

  constructor(
    private readonly binding: DecideBinding,
    public state: unknown = binding.decider.initial,
  ) {}

  /** Reads what was appended since, by any process; true when there was something. */
  async readTail(stream: string, store: EventStore, catalogue: EventCatalogue): Promise<boolean> {
    const before = this.revision;
    for await (const stored of store.readStream(stream, { from: this.revision + 1 })) {
      const { revision, position, meta } = stored;
      this.advance(this.after(this.state, await catalogue.fromStore(stored), revision), revision, position);
      if (meta.index === 0) this.commands.add(meta.commandId, revision);
    }
    return this.revision > before;
  }

  /** What a state becomes by an event; event types that the decider does not declare are ignored. */
  after(state: unknown, event: NewEvent, revision: number): unknown {
    if (!this.binding.events.some((e) => e.name === event.type)) return state;
    return this.binding.decider.evolve(state, event, { revision });
  }

  advance(state: unknown, revision: number, position: bigint): void {
    this.state = state;
    this.revision = revision;
    this.position = position;
  }
}

/** Evicts the least recently used streams first (LRU). */
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

  clear(): void {
    this.entries.clear();
  }
}
