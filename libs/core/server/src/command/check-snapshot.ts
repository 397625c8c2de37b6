import type { EventCatalogue, EventStore, Snapshots } from '@daybook/event-store';
import type { DecideBinding } from '../context.js';
import { canonicalJson } from '../crypto.js';
import { commandsMap } from './snapshot-base.js';
import { largeMapsOf, toJson } from './state-json.js';
import { kindOf } from './stream-snapshots.js';
import { StreamState } from './stream-state.js';

export interface SnapshotCheck {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly catalogue: EventCatalogue;
  readonly snapshots: Snapshots;
}

/**
 * Folds a stream from its beginning to where its snapshot is, and compares: an empty list when both are the same, else what
 * differs; null when there is no snapshot.
 */
export async function checkSnapshot(
  { store, catalogue, snapshots }: SnapshotCheck,
  binding: DecideBinding,
  stream: string,
): Promise<readonly string[] | null> {
  const kind = kindOf(binding);
  const kept = kind && (await snapshots.load(stream, kind));
  if (!kept) return null;
  const folded = new StreamState(binding);
  const upTo: Pick<EventStore, 'readStream'> = {
    readStream: (name, options) => store.readStream(name, { ...options, limit: kept.revision + 1 }),
  };
  await folded.readTail(stream, { store: upTo, catalogue });

  const differences = canonicalJson(toJson(folded.state)) === canonicalJson(kept.state) ? [] : ['the state'];
  const expected = new Map<string, unknown>();
  for (const [map, entries] of largeMapsOf(folded.state)) {
    for (const [key, value] of entries.entries()) expected.set(`${map} ${key}`, toJson(value));
  }
  for (const [key, revision] of folded.commands.entries()) expected.set(`${commandsMap} ${key}`, [revision]);
  for await (const { map, key, value } of snapshots.allEntries(stream, kind, kept)) {
    const name = `${map} ${key}`;
    if (canonicalJson(expected.get(name)) !== canonicalJson(value)) differences.push(name);
    expected.delete(name);
  }
  return [...differences, ...expected.keys()];
}
