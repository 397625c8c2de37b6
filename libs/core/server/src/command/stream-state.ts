import type { EventCatalogue, EventStore } from '@daybook/event-store';
import { EntriesNotLoaded, LargeMap, type NewEvent } from '@daybook/kernel';
import type { DecideBinding } from '../context.js';
import { CommandIndex } from './command-index.js';
import type { SnapshotBase } from './snapshot-base.js';
import { bytesOf, largeMapsOf, withLargeMaps } from './state-json.js';

/** A stream's state, folded up to `revision` (-1: empty), and the index of its commands since the snapshot it goes on from. */
export class StreamState {
  revision = -1;
  position = 0n;
  /** Of the last event; null for an empty stream. */
  eventId: string | null = null;
  commands = new CommandIndex();
  /** The revision at which a snapshot was last tried. */
  tried = -1;
  /** null: everything is in memory. */
  base: SnapshotBase | null = null;
  private measured = { at: -1, bytes: 0 };

  constructor(
    readonly binding: DecideBinding,
    public state: unknown = binding.decider.initial,
  ) {}

  /**
   * Reads what was appended since, by any process; true when there was something. `folded` is called after each event, and
   * waited for.
   */
  async readTail(
    stream: string,
    { store, catalogue }: { readonly store: Pick<EventStore, 'readStream'>; readonly catalogue: EventCatalogue },
    folded: () => Promise<unknown> | null = () => null,
  ): Promise<boolean> {
    const before = this.revision;
    for await (const stored of store.readStream(stream, { from: this.revision + 1 })) {
      const event = await catalogue.fromStore(stored);
      const state = await this.loading(() => this.after(this.state, event, stored.revision));
      if (stored.meta.index === 0) this.commands.add(stored.meta.commandId, stored.revision);
      this.advance(state, stored);
      await folded();
    }
    return this.revision > before;
  }

  /** What a state becomes by an event; event types that the decider does not declare are ignored. */
  after(state: unknown, event: NewEvent, revision: number): unknown {
    if (!this.binding.events.some((e) => e.name === event.type)) return state;
    return this.binding.decider.evolve(state, event, { revision });
  }

  advance(state: unknown, { id, revision, position }: { id: string; revision: number; position: bigint }): void {
    this.state = state;
    this.revision = revision;
    this.position = position;
    this.eventId = id;
  }

  /** Does work that looks into large maps: what is not in memory is loaded, and the work done again. */
  async loading<T>(work: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof EntriesNotLoaded) || !this.base) throw error;
        await this.base.load(error.key);
      }
    }
  }

  /** Candidate revisions of a command that the snapshot knows. */
  async earlier(commandId: string): Promise<readonly number[]> {
    return (await this.base?.revisionsOf(commandId)) ?? [];
  }

  /** Goes on from a snapshot of just this state: its large maps and its commands leave the memory. */
  restOn(base: SnapshotBase): void {
    const names = largeMapsOf(this.state).keys();
    this.state = withLargeMaps(this.state, new Map(names.map((name) => [name, LargeMap.from(base.sourceOf(name))])));
    this.commands = new CommandIndex();
    this.base = base;
    this.measured = { at: -1, bytes: 0 };
  }

  /** About how much memory it takes; measured anew when the stream has grown by a tenth. */
  get bytes(): number {
    const { at, bytes } = this.measured;
    if (at < 0 || this.revision > at * 1.1 + 100) this.measured = { at: this.revision, bytes: bytesOf(this.state) };
    else this.measured = { at, bytes };
    return this.measured.bytes + this.commands.bytes + (this.base?.bytes ?? 0);
  }
}
