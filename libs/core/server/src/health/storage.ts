import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, StoreUnavailable } from '@daybook/event-store';
import { isFullDisk } from '@daybook/postgres';
import type { Pool } from 'pg';
import { type Check, NotReady } from './readiness.js';

/** A folder with less free space counts as full. */
const minFreeBytes = 64_000;
/**
 * Reserve on the disk of the embedded database; on a small disk, a tenth of it. PostgreSQL stops when it cannot create its
 * next WAL segment (16 MB), and then reads fail too.
 */
const reserveBytes = 48_000_000;
/** How often to check for free space while waiting. */
const waitMs = 1_000;
/** How long the result of a probe is cached. */
const probeEveryMs = 1_000;

/** Spills a megabyte to a temporary file; needs no privileges and writes no WAL. */
const probe = `set local work_mem = '64kB';
  select count(*) from unnest(array_fill(repeat('x', 1000), array[1000])) as spilt`;

/** Checks free disk space, with the operating system and the database, before writes fail. */
export class Storage {
  private probed: { at: number; hasSpace: Promise<boolean> } | null = null;

  constructor(
    private readonly options: {
      readonly pool: Pool;
      /** Data directory of the embedded database; null for an external one, whose disk we cannot see. */
      readonly databaseDir: string | null;
      /** Folders that the product writes to, by the name that operators see. */
      readonly folders: Readonly<Record<string, string>>;
    },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws when the disk of the embedded database is down to its reserve. */
  async reserve(): Promise<void> {
    const { databaseDir } = this.options;
    if (databaseDir === null) return;
    const { free, size } = await diskSpace(databaseDir);
    if (free >= Math.min(reserveBytes, size / 10)) return;
    throw new StoreUnavailable('full', 'The disk of the embedded database is full.');
  }

  /** Waits until there is space; calls `full` once when it has to wait. */
  async waitForSpace(signal: AbortSignal, full: () => void): Promise<void> {
    for (let reported = false; !signal.aborted; reported = true) {
      try {
        return await this.reserve();
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        if (!reported) full();
      }
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Ready while the database and all folders have space. */
  readonly check: Check = async () => {
    const full: string[] = [];
    if (!(await this.databaseHasSpace())) full.push('database');
    for (const [name, folder] of Object.entries(this.options.folders)) {
      if (existsSync(folder) && (await diskSpace(folder)).free < minFreeBytes) full.push(name);
    }
    if (full.length > 0) throw new NotReady({ full: full.join(', ') });
    return {};
  };

  private async databaseHasSpace(): Promise<boolean> {
    if (this.probed === null || this.now() - this.probed.at >= probeEveryMs) {
      const hasSpace = this.reserve()
        .then(() => this.options.pool.query(probe))
        .then(
          () => true,
          (error: unknown) => {
            if (error instanceof StoreUnavailable || isFullDisk(error)) return false;
            throw error;
          },
        );
      this.probed = { at: this.now(), hasSpace };
    }
    return this.probed.hasSpace;
  }
}

async function diskSpace(folder: string): Promise<{ free: number; size: number }> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

/** An event store that rejects appends once the reserve is reached; reads go on. */
export const withDiskReserve = (store: EventStore, storage: Pick<Storage, 'reserve'>): EventStore => ({
  append: async (...args) => {
    await storage.reserve();
    return store.append(...args);
  },
  appendGroup: async (...args) => {
    await storage.reserve();
    return store.appendGroup(...args);
  },
  readStream: (...args) => store.readStream(...args),
  readAll: (...args) => store.readAll(...args),
  subscribeAll: (...args) => store.subscribeAll(...args),
  lastRevisions: (...args) => store.lastRevisions(...args),
  eventAt: (...args) => store.eventAt(...args),
  head: () => store.head(),
  findsRepeats: store.findsRepeats,
  close: () => store.close(),
});
