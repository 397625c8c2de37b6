import type { SnapshotEntry } from '@daybook/event-store';
import { type EntrySource } from '@daybook/kernel';
import { keyOf } from './command-index.js';

/** The name under which a snapshot keeps the commands of a stream. */
export const commandsMap = 'commands';

/** Entries kept in memory at most. */
const mostKnown = 10_000;

/**
 * The snapshot that a state in memory goes on from: entries of large maps and commands until then, loaded as they are
 * looked for.
 */
export class SnapshotBase {
  /** By map and key; a key that was looked for and is in no map has no values. */
  private readonly known = new Map<string, ReadonlyMap<string, unknown>>();

  constructor(
    readonly id: string,
    readonly revision: number,
    /** Entries with that key up to the revision, the oldest first. */
    private readonly fetch: (key: string) => Promise<readonly SnapshotEntry[]>,
  ) {}

  sourceOf(map: string): EntrySource<unknown> {
    return {
      known: (key) => {
        const found = this.known.get(key);
        return found ? { value: found.get(map) } : null;
      },
    };
  }

  async load(key: string): Promise<void> {
    if (this.known.size >= mostKnown) this.known.clear();
    const entries = await this.fetch(key);
    this.known.set(key, new Map(entries.map(({ map, value }) => [map, value])));
  }

  /** Candidate revisions for a command. */
  async revisionsOf(commandId: string): Promise<number[]> {
    const entries = await this.fetch(keyOf(commandId));
    return entries.flatMap(({ map, value }) => (map === commandsMap ? (value as number[]) : []));
  }

  get bytes(): number {
    return this.known.size * 200;
  }
}
