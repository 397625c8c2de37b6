import type * as z from 'zod';

/*
 * Snapshots of streams: the state that a decider has folded up to a revision, so that the first command after a restart does not
 * fold the whole stream (docs/adr/0060). They are disposable: without them states are folded from the log, and the same.
 */

/** Which entry of which large map; of the commands in a stream the map is `commands`. */
export interface SnapshotEntry {
  readonly map: string;
  readonly key: string;
  readonly value: unknown;
}

/** Whose fold it is, and what is sealed in it. */
export interface SnapshotKind {
  /** Hash of the code that folds; a snapshot of other code is not used. */
  readonly code: string;
  /** Schemas of the state and of the entries of large maps, as JSON: their marks say what is personal. */
  readonly personal?: z.ZodType;
  readonly personalIn?: Readonly<Record<string, z.ZodType>>;
}

export interface StreamSnapshot {
  readonly id: string;
  readonly revision: number;
  /** The event at that revision, which the log must still hold. */
  readonly eventId: string;
  readonly position: bigint;
  /** JSON; null in the place of what belongs to somebody who was erased. */
  readonly state: unknown;
}

export interface NewSnapshot extends Omit<StreamSnapshot, 'id'> {
  /** The snapshot that it follows, with all entries until then; null: none, and `entries` are all of them. */
  readonly follows: string | null;
  /** What was set since, each key once. */
  readonly entries: Iterable<SnapshotEntry>;
}

/** The snapshot was dropped: its users fold from the log. */
export class SnapshotGone extends Error {
  override readonly name = 'SnapshotGone';
}

export interface Snapshots {
  load(stream: string, kind: SnapshotKind): Promise<StreamSnapshot | null>;
  /** What was set under these keys up to a revision, the oldest first. Throws SnapshotGone. */
  entries(
    stream: string,
    kind: SnapshotKind,
    at: { readonly id: string; readonly revision: number },
    keys: readonly string[],
  ): Promise<SnapshotEntry[]>;
  /** All entries up to a revision by map and key, in pages; of each the newest. */
  allEntries(stream: string, kind: SnapshotKind, at: { id: string; revision: number }): AsyncIterable<SnapshotEntry>;
  /**
   * Answers its id; null when another process has a later one, or a first one, and `follows` may still be used. Throws
   * SnapshotGone when that one was dropped, and SubjectErasedError for a state that holds data of somebody who was erased.
   */
  save(stream: string, kind: SnapshotKind, snapshot: NewSnapshot): Promise<string | null>;
  drop(stream: string, id: string): Promise<void>;
}
