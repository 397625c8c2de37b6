import type { EventDeclaration } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import type { Pool } from 'pg';
import { wireType } from '../catalogue-of.js';
import { markOf, vaultChannel } from './postgres-sealer.js';

/**
 * Destroys again the keys of all subjects that the log says are erased: whoever restores a backup of the vault that is
 * older than an erasure gets the key back with it. The pool logs in as the projector. Answers how many keys there were.
 */
export async function eraseAgain(pool: Pool, declarations: readonly EventDeclaration[]): Promise<number> {
  const erasing = new Map(
    declarations.flatMap((declaration) =>
      declaration.erases
        ? [...Array(declaration.version).keys()].map((n) => [wireType(declaration.name, n + 1), declaration.erases!])
        : [],
    ),
  );
  return inTenant(pool, null, async (client) => {
    const { rows } = await client.query<{ tenant: string; type: string; data: unknown }>(
      'select tenant, type, data from store.events where type = any($1)',
      [[...erasing.keys()]],
    );
    const brought = await client.query<{ tenant: string; subject: string }>(
      `update vault.keys k set wrapped = null, master = null
       from unnest($1::uuid[], $2::text[]) as e(tenant, subject)
       where k.tenant = e.tenant and k.subject = e.subject and k.wrapped is not null
       returning k.tenant, k.subject`,
      [rows.map(({ tenant }) => tenant), rows.map(({ type, data }) => erasing.get(type)!(data))],
    );
    await client.query('select pg_notify($1, mark) from unnest($2::text[]) as mark', [
      vaultChannel,
      brought.rows.map(({ tenant, subject }) => markOf(tenant, subject)),
    ]);
    return brought.rows.length;
  });
}
