import { createHash } from 'node:crypto';
import { derive } from '../seal.js';

/*
 * Master keys wrap the keys of subjects. They are kept outside the database: in DAYBOOK_MASTER_KEY, or derived from
 * DAYBOOK_SECRET if that is not set. Every wrapped key names its master key, so that two can be in use during a rotation.
 */
export interface MasterKeySecrets {
  /** DAYBOOK_SECRET: wraps if no master key is set, and still unwraps what it wrapped before one was set. */
  readonly secret: string;
  readonly key: string | null;
  /** The previous master key during a rotation: only unwraps. */
  readonly previous: string | null;
}

interface Master {
  /** A short public id: the start of a hash, which reveals nothing about the key. */
  readonly id: string;
  readonly wrapping: Buffer;
}

/** The master key that wrapped this key is not configured: an error of the configuration, not of the data (see errors.ts). */
export class VaultLocked extends Error {
  override readonly name = 'VaultLocked';
  readonly code = 'EVAULT';
}

export class MasterKeys {
  readonly current: Master;
  private readonly known: ReadonlyMap<string, Master>;
  /** For rows from before master keys had ids. */
  private readonly unnamed: Master;

  constructor({ secret, key, previous }: MasterKeySecrets) {
    this.unnamed = masterOf(secret);
    this.current = key === null ? this.unnamed : masterOf(key);
    const all = [this.current, ...(previous === null ? [] : [masterOf(previous)]), this.unnamed];
    this.known = new Map(all.map((master) => [master.id, master]));
  }

  /** The master key of a row; null for rows from before master keys had ids. */
  of(id: string | null): Master {
    const master = id === null ? this.unnamed : this.known.get(id);
    if (master) return master;
    throw new VaultLocked(
      `Personal data is sealed under the master key ${id}, which this process does not have. ` +
        'Give it as DAYBOOK_MASTER_KEY_PREVIOUS until the vault has been rotated.',
    );
  }
}

const masterOf = (text: string): Master => ({
  id: createHash('sha256').update(derive(text, 'daybook vault id')).digest('hex').slice(0, 12),
  wrapping: derive(text, 'daybook vault'),
});
