import { readInSchemaScope, statement } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';

export interface LastActivity {
  readonly lastSeenAt: string | null;
  readonly secondFactor: boolean;
}

/** Current last activity of members, and whether they have a second factor or a passkey, from the plain tables. */
export async function lastActivityOf(
  em: EntityManager,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LastActivity>> {
  if (ids.length === 0) return new Map();
  const rows = await readInSchemaScope(em, 'identity', (em) =>
    // SQL: one query on three tables for a page of members.
    statement<{ id: string; at: string | null; factor: boolean }>(
      em,
      `select p.id, (select max(last_seen_at) from identity.sessions s where s.person_id = p.id and s.tenant = $1) as at,
         exists (select from identity.totp t where t.person_id = p.id and t.confirmed_at is not null)
           or exists (select from identity.passkeys k where k.person_id = p.id) as factor
       from unnest($2::uuid[]) as p(id)`,
      [tenant, [...ids]],
    ),
  );
  return new Map(
    rows.map(({ id, at, factor }) => [
      id,
      { lastSeenAt: at === null ? null : new Date(at).toISOString(), secondFactor: factor },
    ]),
  );
}
