import { inTenantScope } from '@daybook/postgres';
import { type EntityManager, raw } from '@mikro-orm/postgresql';
import { bindingOf, openWith, sealWith } from '../seal.js';
import type { MasterKeys } from './master-keys.js';
import { VaultKeyEntity } from './vault-key.entity.js';

interface WrappedRow {
  readonly tenant: string;
  readonly subject: string;
  readonly wrapped: Buffer;
  readonly master: string | null;
}

export interface RotateOptions {
  /** Keys per transaction. */
  readonly batch?: number;
  /** Called after each batch with the number of keys rewrapped so far. */
  readonly onBatch?: (done: number) => void | Promise<void>;
}

/* SQL: rows are locked in the order of their keys, and hundreds are written by one statement. */
const batchOfKeys = `
  select tenant, subject, wrapped, master from vault.keys
  where wrapped is not null and master is distinct from ? and (tenant, subject) > (?::uuid, ?)
  order by tenant, subject limit ? for update`;
const wrapAnew = `
  update vault.keys k set wrapped = n.wrapped, master = ?
  from unnest(?::uuid[], ?::text[], ?::bytea[]) as n(tenant, subject, wrapped)
  where k.tenant = n.tenant and k.subject = n.subject and k.wrapped is not null`;

/**
 * Rewraps every key with the current master key. The keys themselves do not change, so no event does. Runs in bounded batches
 * while programs that know both master keys run; after an interruption it continues; a key erased meanwhile stays erased. The
 * pool logs in as the projector, which sees the keys of all tenants. Returns how many keys it rewrapped.
 */
export async function rotateVault(
  em: EntityManager,
  masters: MasterKeys,
  options: RotateOptions = {},
): Promise<number> {
  const { id, wrapping } = masters.current;
  let last = { tenant: '00000000-0000-0000-0000-000000000000', subject: '' };
  for (let done = 0; ;) {
    const rows = await inTenantScope(em, null, async (em) => {
      const given = [id, last.tenant, last.subject, options.batch ?? 500];
      const found = await em.execute<WrappedRow[]>(batchOfKeys, given);
      const anew = found.map(({ tenant, subject, wrapped, master }) => {
        const bound = bindingOf(tenant, subject);
        return sealWith(wrapping, bound, openWith(masters.of(master).wrapping, bound, wrapped));
      });
      await em.execute(wrapAnew, [id, found.map((r) => r.tenant), found.map((r) => r.subject), anew]);
      return found;
    });
    const end = rows.at(-1);
    if (!end) return done;
    last = end;
    done += rows.length;
    await options.onBatch?.(done);
  }
}

/** The number of keys per master key; null for those from before master keys had ids. */
export const vaultStatus = async (em: EntityManager): Promise<{ master: string | null; keys: number }[]> =>
  em
    .fork()
    .createQueryBuilder(VaultKeyEntity)
    .select(['master', raw('count(*)::int as keys')])
    .where({ wrapped: { $ne: null } })
    .groupBy('master')
    .orderBy({ master: 'asc' })
    .execute<{ master: string | null; keys: number }[]>('all');
