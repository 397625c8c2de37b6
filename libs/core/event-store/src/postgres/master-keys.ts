import { createHash } from 'node:crypto';
import { derive } from '../seal.js';

/*
 * What wraps the keys of subjects. It lives outside the database: in DAYBOOK_MASTER_KEY, or derived from DAYBOOK_SECRET
 * where nobody set one. Every wrapped key names the master that wrapped it, so that two can be in use while one replaces
 * the other.
 */
export interface MasterKeySecrets {
  /** DAYBOOK_SECRET: wraps where no master key is set, and still opens what it wrapped before one was. */
  readonly secret: string;
  readonly key: string | null;
  /** Only opens, never wraps: while the vault is being rotated away from it. */
  readonly previous: string | null;
}

interface Master {
  /** Short and public: the start of a hash, from which nothing follows about the key. */
  readonly id: string;
  readonly wrapping: Buffer;
}

/** The key is there and the master that wrapped it is not: a matter of configuration, not of the data (see errors.ts). */
export class VaultLocked extends Error {
  override readonly name = 'VaultLocked';
  readonly code = 'EVAULT';
}

export class MasterKeys {
  readonly current: Master;
  private readonly known: ReadonlyMap<string, Master>;
  /** Rows from before masters were named. */
  private readonly unnamed: Master;

  constructor({ secret, key, previous }: MasterKeySecrets) {
    this.unnamed = masterOf(secret);
    this.current = key === null ? this.unnamed : masterOf(key);
    const all = [this.current, ...(previous === null ? [] : [masterOf(previous)]), this.unnamed];
    this.known = new Map(all.map((master) => [master.id, master]));
  }

  /** The master a row names; null is one from before they were named. */
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
