import {
  type SnapshotEntry,
  type SnapshotKind,
  type Snapshots,
  type EventStore,
  SnapshotGone,
  SubjectErasedError,
} from '@daybook/event-store';
import type { DecideBinding } from '../context.js';
import { codeHash } from './code-hash.js';
import { commandsMap, SnapshotBase } from './snapshot-base.js';
import { fromJson, largeMapsOf, toJson, withLargeMaps } from './state-json.js';
import { StreamState } from './stream-state.js';

export interface StreamSnapshotOptions {
  readonly snapshots: Snapshots;
  readonly store: Pick<EventStore, 'readStream'>;
  /** Events from one snapshot to the next. */
  readonly every: number;
}

/**
 * What a snapshot may write for each event since the last one. A state that holds many records is written whole, so its snapshots
 * are further apart: else a stream that adds record after record would write all of them again and again. Where each record alone
 * takes more, one is taken when the stream has grown by half.
 */
const bytesForEach = 2_000;
const isWorthIt = (since: number, last: number, bytes: number): boolean =>
  since * bytesForEach >= bytes || since >= last / 2;

/** Takes snapshots of streams whose binding asks for them, and begins with the newest (docs/adr/0060). */
export class StreamSnapshots {
  constructor(private readonly options: StreamSnapshotOptions) {}

  /** The state at the newest snapshot of this code; null where there is none that fits the log. */
  async load(binding: DecideBinding, stream: string): Promise<StreamState | null> {
    const kind = kindOf(binding);
    const found = kind && (await this.options.snapshots.load(stream, kind));
    if (!found) return null;
    const { id, revision, eventId, position } = found;
    if (!(await this.isInLog(stream, revision, eventId))) {
      await this.options.snapshots.drop(stream, id);
      return null;
    }
    const state = new StreamState(binding);
    const kept = withLargeMaps(fromJson(found.state), largeMapsOf(binding.decider.initial));
    state.advance(kept, { id: eventId, revision, position });
    state.restOn(this.baseOf(stream, kind, id, revision));
    return state;
  }

  /** The log may have been restored to an earlier state, or be another one. */
  private async isInLog(stream: string, revision: number, eventId: string): Promise<boolean> {
    for await (const { id } of this.options.store.readStream(stream, { from: revision, limit: 1 }))
      return id === eventId;
    return false;
  }

  private baseOf(stream: string, kind: SnapshotKind, id: string, revision: number): SnapshotBase {
    const { snapshots } = this.options;
    return new SnapshotBase(id, revision, (key) => snapshots.entries(stream, kind, { id, revision }, [key]));
  }

  /**
   * Takes a snapshot when it is time for one. false when the state should be given up: another process has gone on from it, what
   * it relies on was dropped, or it holds data of somebody who was erased.
   */
  async keep(stream: string, state: StreamState): Promise<boolean> {
    const kind = kindOf(state.binding);
    const { revision, eventId, position, base } = state;
    const last = Math.max(base?.revision ?? -1, state.tried);
    const since = revision - last;
    if (!kind || eventId === null || since < this.options.every || !isWorthIt(since, last, state.bytes)) return true;
    state.tried = revision;
    const { state: kept, commands } = state;
    const taken = { follows: base?.id ?? null, revision, eventId, position, state: toJson(kept) };
    try {
      const id = await this.options.snapshots.save(stream, kind, { ...taken, entries: entriesOf(kept, commands) });
      if (id === null) return false;
      state.restOn(this.baseOf(stream, kind, id, revision));
      return true;
    } catch (error) {
      if (error instanceof SubjectErasedError || error instanceof SnapshotGone) return false;
      throw error;
    }
  }
}

export const kindOf = ({ snapshots }: DecideBinding): SnapshotKind | null =>
  snapshots && { ...snapshots, code: codeHash(snapshots.code) };

function* entriesOf(state: unknown, commands: StreamState['commands']): Generator<SnapshotEntry> {
  for (const [map, entries] of largeMapsOf(state)) {
    for (const [key, value] of entries.entries()) yield { map, key, value: toJson(value) };
  }
  const revisions = Map.groupBy(commands.entries(), ([key]) => key);
  for (const [key, found] of revisions) yield { map: commandsMap, key, value: found.map(([, revision]) => revision) };
}
