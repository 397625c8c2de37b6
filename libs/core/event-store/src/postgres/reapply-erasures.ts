import type { EventDeclaration } from '@daybook/kernel';
import { inTenantScope } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import { wireType } from '../sealing-catalogue.js';
import { markOf, vaultChannel } from './postgres-sealer.js';

/**
 * Destroys again the keys of all subjects that were erased according to the log: a restored backup of the vault that is older
 * than an erasure contains the key again. The pool logs in as the projector. Returns the number of keys.
 */
export async function reapplyErasures(em: EntityManager, declarations: readonly EventDeclaration[]): Promise<number> {
  const erasing = new Map(
    declarations.flatMap((declaration) =>
      declaration.erases
        ? [...Array(declaration.version).keys()].map((n) => [wireType(declaration.name, n + 1), declaration.erases!])
        : [],
    ),
  );
  // SQL: the log has no entity, and one statement deletes all keys.
  return inTenantScope(em, null, async (em) => {
    const rows = await em.execute<{ tenant: string; type: string; data: unknown }[]>(
      'select tenant, type, data from store.events where type = any(?)',
      [[...erasing.keys()]],
    );
    const brought = await em.execute<{ tenant: string; subject: string }[]>(
      `update vault.keys k set wrapped = null, master = null
       from unnest(?::uuid[], ?::text[]) as e(tenant, subject)
       where k.tenant = e.tenant and k.subject = e.subject and k.wrapped is not null
       returning k.tenant, k.subject`,
      [rows.map(({ tenant }) => tenant), rows.map(({ type, data }) => erasing.get(type)!(data))],
    );
    // A snapshot of the backup that still holds something of theirs.
    await em.execute(
      `delete from store.snapshots s using unnest(?::uuid[], ?::text[]) as e(tenant, subject)
       where s.tenant = e.tenant and s.subjects @> array[e.subject]`,
      [rows.map(({ tenant }) => tenant), rows.map(({ type, data }) => erasing.get(type)!(data))],
    );
    await em.execute('select pg_notify(?, mark) from unnest(?::text[]) as mark', [
      vaultChannel,
      brought.map(({ tenant, subject }) => markOf(tenant, subject)),
    ]);
    return brought.length;
  });
}
