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
  /** Keys in one transaction. */
  readonly batch?: number;
  /** Told after each batch how many keys have been wrapped anew. */
  readonly onBatch?: (done: number) => void | Promise<void>;
}

/* SQL: the rows are locked in the order of their keys, and hundreds of them are written by one statement. */
const batchOfKeys = `
  select tenant, subject, wrapped, master from vault.keys
  where wrapped is not null and master is distinct from ? and (tenant, subject) > (?::uuid, ?)
  order by tenant, subject limit ? for update`;
const wrapAnew = `
  update vault.keys k set wrapped = n.wrapped, master = ?
  from unnest(?::uuid[], ?::text[], ?::bytea[]) as n(tenant, subject, wrapped)
  where k.tenant = n.tenant and k.subject = n.subject and k.wrapped is not null`;

/**
 * Wraps every key with the present master key. The keys themselves stay what they are, so that no event changes. Runs in
 * bounded batches beside programs that know both masters; cut off, it goes on where it was; a key erased meanwhile stays
 * erased. The pool logs in as the projector, who sees the keys of all tenants. Answers how many keys it wrapped.
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

/** How many keys each master wraps; null stands for those from before masters were named. */
export const vaultStatus = async (em: EntityManager): Promise<{ master: string | null; keys: number }[]> =>
  em
    .fork()
    .createQueryBuilder(VaultKeyEntity)
    .select(['master', raw('count(*)::int as keys')])
    .where({ wrapped: { $ne: null } })
    .groupBy('master')
    .orderBy({ master: 'asc' })
    .execute<{ master: string | null; keys: number }[]>('all');
