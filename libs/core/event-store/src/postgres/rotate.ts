import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import { bindingOf, openWith, sealWith } from '../seal.js';
import type { MasterKeys } from './master-keys.js';

interface WrappedRow {
  readonly tenant: string;
  readonly subject: string;
  readonly wrapped: Buffer;
  readonly master: string | null;
}

export interface RotateOptions {
  /** Keys in one transaction. */
  readonly batch?: number;
  /** Told after each batch how many keys have been wrapped anew. */
  readonly onBatch?: (done: number) => void | Promise<void>;
}

const batchOfKeys = (limit: number): string => `
  select tenant, subject, wrapped, master from vault.keys
  where wrapped is not null and master is distinct from $1 and (tenant, subject) > ($2::uuid, $3)
  order by tenant, subject limit ${limit} for update`;

/**
 * Wraps every key with the present master key. The keys themselves stay what they are, so that no event changes. Runs in
 * bounded batches beside programs that know both masters; cut off, it goes on where it was; a key erased meanwhile stays
 * erased. The pool logs in as the projector, who sees the keys of all tenants. Answers how many keys it wrapped.
 */
export async function rotateVault(pool: Pool, masters: MasterKeys, options: RotateOptions = {}): Promise<number> {
  const { id, wrapping } = masters.current;
  let last = { tenant: '00000000-0000-0000-0000-000000000000', subject: '' };
  for (let done = 0; ;) {
    const rows = await inTenant(pool, null, async (client) => {
      const found = await client.query<WrappedRow>(batchOfKeys(options.batch ?? 500), [id, last.tenant, last.subject]);
      const anew = found.rows.map(({ tenant, subject, wrapped, master }) => {
        const bound = bindingOf(tenant, subject);
        return sealWith(wrapping, bound, openWith(masters.of(master).wrapping, bound, wrapped));
      });
      await client.query(
        `update vault.keys k set wrapped = n.wrapped, master = $4
         from unnest($1::uuid[], $2::text[], $3::bytea[]) as n(tenant, subject, wrapped)
         where k.tenant = n.tenant and k.subject = n.subject and k.wrapped is not null`,
        [found.rows.map((r) => r.tenant), found.rows.map((r) => r.subject), anew, id],
      );
      return found.rows;
    });
    const end = rows.at(-1);
    if (!end) return done;
    last = end;
    done += rows.length;
    await options.onBatch?.(done);
  }
}

/** How many keys each master wraps; null stands for those from before masters were named. */
export async function vaultStatus(pool: Pool): Promise<{ master: string | null; keys: number }[]> {
  const { rows } = await pool.query<{ master: string | null; keys: number }>(
    'select master, count(*)::int as keys from vault.keys where wrapped is not null group by master order by master',
  );
  return rows;
}
