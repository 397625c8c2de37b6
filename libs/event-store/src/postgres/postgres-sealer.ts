import { randomBytes } from 'node:crypto';
import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import { bindingOf, derive, openWith, sealWith } from '../seal.js';
import type { Sealer } from '../sealer.js';

/** Erased keys are forgotten by every process within this time. */
const keptMs = 60_000;
const keptKeys = 10_000;

/**
 * One random key per subject in `vault.keys`, wrapped with a key derived from the secret: neither the log, nor the table,
 * nor a backup of both opens anything without the secret.
 */
export function postgresSealer(pool: Pool, secret: string): Sealer {
  const wrapping = derive(secret, 'daybook vault');
  const kept = new Map<string, { key: Buffer | null; until: number }>();

  async function keyOf(tenant: string, subject: string, make: boolean): Promise<Buffer | null> {
    const bound = bindingOf(tenant, subject);
    const known = kept.get(bound);
    if (known && known.until > Date.now() && !(make && known.key === null)) return known.key;
    const wrapped = await inTenant(pool, tenant, async (client) => {
      const find = async (): Promise<Buffer | null | undefined> => {
        const sql = 'select wrapped from vault.keys where tenant = $1 and subject = $2';
        return (await client.query<{ wrapped: Buffer | null }>(sql, [tenant, subject])).rows[0]?.wrapped;
      };
      const found = await find();
      if (found !== undefined || !make) return found;
      const fresh = sealWith(wrapping, bound, randomBytes(32));
      await client.query('insert into vault.keys values ($1, $2, $3) on conflict do nothing', [tenant, subject, fresh]);
      // Not what was just made: another process may have been faster.
      return find();
    });
    const key = wrapped ? openWith(wrapping, bound, wrapped) : null;
    if (kept.size >= keptKeys) kept.delete(kept.keys().next().value!);
    kept.set(bound, { key, until: Date.now() + keptMs });
    return key;
  }

  return {
    seal: async (tenant, subject, clear) => {
      const key = await keyOf(tenant, subject, true);
      if (!key) throw new Error(`Personal data of ${subject} cannot be stored: the subject was erased.`);
      return sealWith(key, bindingOf(tenant, subject), Buffer.from(clear)).toString('base64url');
    },
    open: async (tenant, subject, sealed) => {
      const key = await keyOf(tenant, subject, false);
      return key && openWith(key, bindingOf(tenant, subject), Buffer.from(sealed, 'base64url')).toString();
    },
    erase: async (tenant, subject) => {
      await inTenant(pool, tenant, (client) =>
        client.query(
          'insert into vault.keys values ($1, $2, null) on conflict (tenant, subject) do update set wrapped = null',
          [tenant, subject],
        ),
      );
      kept.delete(bindingOf(tenant, subject));
    },
  };
}
