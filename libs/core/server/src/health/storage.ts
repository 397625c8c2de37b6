import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, StoreUnavailable } from '@daybook/event-store';
import { isFullDisk } from '@daybook/postgres';
import type { Pool } from 'pg';
import { type Check, NotReady } from './readiness.js';

/** Less than this, and a folder counts as full. */
const leastBytes = 64_000;
/**
 * What the product leaves of the disk of its embedded database, a tenth of a small one: PostgreSQL ends when it cannot make
 * its next file of WAL (16 MB), and then nothing is read either.
 */
const reserveBytes = 48_000_000;
/** How often it is looked whether there is space again. */
const waitMs = 1_000;
/** How long an answer of the database about its free space is good. */
const probeEveryMs = 1_000;

/** A megabyte in a temporary file, gone again at once; no right is needed for it, and nothing is logged. */
const probe = `set local work_mem = '64kB';
  select count(*) from unnest(array_fill(repeat('x', 1000), array[1000])) as spilt`;

/** Is there space to write? Asked of the system and of the database, so that it is known before a write meets its end. */
export class Storage {
  private probed: { at: number; hasSpace: Promise<boolean> } | null = null;

  constructor(
    private readonly options: {
      readonly pool: Pool;
      /** Of the embedded database; null for one at another place, whose disk is not ours to judge. */
      readonly databaseDir: string | null;
      /** Folders that are written, by the name an operator sees. */
      readonly folders: Readonly<Record<string, string>>;
    },
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Throws when the disk of the embedded database is about to fill up. */
  async reserve(): Promise<void> {
    const { databaseDir } = this.options;
    if (databaseDir === null) return;
    const { free, size } = await diskSpace(databaseDir);
    if (free >= Math.min(reserveBytes, size / 10)) return;
    throw new StoreUnavailable('full', 'The disk of the embedded database is full.');
  }

  /** Waits until there is space again; `full` is told once when it has to. */
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

  /** Ready while all that is written has space. */
  readonly check: Check = async () => {
    const full: string[] = [];
    if (!(await this.databaseHasSpace())) full.push('database');
    for (const [name, folder] of Object.entries(this.options.folders)) {
      if (existsSync(folder) && (await diskSpace(folder)).free < leastBytes) full.push(name);
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

/** A store that takes nothing more once the reserve is reached; what it holds is read as before. */
export const withDiskReserve = (store: EventStore, storage: Pick<Storage, 'reserve'>): EventStore => ({
  append: async (...args) => {
    await storage.reserve();
    return store.append(...args);
  },
  readStream: (...args) => store.readStream(...args),
  readAll: (...args) => store.readAll(...args),
  subscribeAll: (...args) => store.subscribeAll(...args),
  lastRevisions: (...args) => store.lastRevisions(...args),
  eventAt: (...args) => store.eventAt(...args),
  head: () => store.head(),
  close: () => store.close(),
});
