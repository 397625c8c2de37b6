import { createHmac, randomBytes } from 'node:crypto';
import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import { bindingOf, derive, openWith, sealWith } from '../seal.js';
import { type Sealer, SubjectErasedError } from '../sealer.js';
import type { MasterKeys } from './master-keys.js';
import { Wakeups } from './wakeups.js';

/** A key is asked for again after this time, whatever happens. */
const keptMs = 60_000;
const keptKeys = 10_000;

/** In the place of a subject: the key of hashes for look-up. */
const lookUp = 'look-up';

/** Said after each erasing, without saying whose: whoever keeps keys in memory forgets all of them. */
export const vaultChannel = 'daybook_vault';

export interface PostgresSealerOptions {
  readonly pool: Pool;
  /** Login URL, for hearing at once of keys that others destroy. */
  readonly url: string;
  readonly masters: MasterKeys;
}

export interface PostgresSealer extends Sealer {
  /** Keeps no key any longer: the vault may have been restored together with the log. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * One random key per subject in `vault.keys`, wrapped with a master key: neither the log, nor the table, nor a backup of
 * both opens anything without the master key. Keys are kept in memory only while this process hears of erasures, and
 * those read before the last one it heard of count for nothing.
 */
export function postgresSealer({ pool, url, masters }: PostgresSealerOptions): PostgresSealer {
  const erasures = new Wakeups(url, vaultChannel);
  erasures.start();
  const kept = new Map<string, { key: Buffer | null; until: number; heard: number }>();

  function keptOf(bound: string, make: boolean): Buffer | null | undefined {
    const known = kept.get(bound);
    if (!known || !erasures.listening || known.heard !== erasures.count || known.until <= Date.now()) return undefined;
    return make && known.key === null ? undefined : known.key;
  }

  async function keyOf(tenant: string, subject: string, make: boolean): Promise<Buffer | null> {
    const bound = bindingOf(tenant, subject);
    const known = keptOf(bound, make);
    if (known !== undefined) return known;
    // Before the reading: an erasure in between makes what is read now worth nothing later.
    const heard = erasures.count;
    const found = await inTenant(pool, tenant, async (client) => {
      const find = async () => {
        const sql = 'select wrapped, master from vault.keys where tenant = $1 and subject = $2';
        return (await client.query<KeyRow>(sql, [tenant, subject])).rows[0];
      };
      const row = await find();
      if (row !== undefined || !make) return row;
      const { id, wrapping } = masters.current;
      await client.query(
        'insert into vault.keys (tenant, subject, wrapped, master) values ($1, $2, $3, $4) on conflict do nothing',
        [tenant, subject, sealWith(wrapping, bound, randomBytes(32)), id],
      );
      // Not what was just made: another process may have been faster.
      return find();
    });
    const key = found?.wrapped ? openWith(masters.of(found.master).wrapping, bound, found.wrapped) : null;
    if (kept.size >= keptKeys) kept.delete(kept.keys().next().value!);
    kept.set(bound, { key, until: Date.now() + keptMs, heard });
    return key;
  }

  return {
    seal: async (tenant, subject, clear) => {
      const key = await keyOf(tenant, subject, true);
      if (!key) throw new SubjectErasedError(subject);
      return sealWith(key, bindingOf(tenant, subject), Buffer.from(clear)).toString('base64url');
    },
    open: async (tenant, subject, sealed) => {
      const key = await keyOf(tenant, subject, false);
      return key && openWith(key, bindingOf(tenant, subject), Buffer.from(sealed, 'base64url')).toString();
    },
    erase: async (tenant, subject) => {
      if (subject === lookUp) throw new Error('The key of hashes belongs to no subject.');
      await inTenant(pool, tenant, async (client) => {
        await client.query(
          `insert into vault.keys (tenant, subject, wrapped) values ($1, $2, null)
           on conflict (tenant, subject) do update set wrapped = null, master = null`,
          [tenant, subject],
        );
        await client.query(`notify ${vaultChannel}`);
      });
      kept.clear();
    },
    hashOf: async (tenant, value) => {
      const key = await keyOf(tenant, lookUp, true);
      return createHmac('sha256', derive(key!, 'daybook look-up')).update(value).digest('base64url');
    },
    forget: () => kept.clear(),
    close: () => erasures.close(),
  };
}

interface KeyRow {
  readonly wrapped: Buffer | null;
  readonly master: string | null;
}
