import { type RawBuilder, sql } from 'kysely';

export interface LastActivity {
  readonly lastSeenAt: string | null;
  readonly secondFactor: boolean;
}
type Row = { readonly id: string; readonly at: string | null; readonly secondFactor: boolean };

/**
 * Current last activity of members, and whether they have a second factor or a passkey, from the plain tables: a statement for any
 * transaction, whose rows `activityOf` takes.
 */
export const lastActivity = (tenant: string, ids: readonly string[]): RawBuilder<Row> => sql<Row>`
  select person_id as id, last_seen_at as at, second_factor as "secondFactor"
  from identity.last_activity(${tenant}::uuid, ${[...ids]}::uuid[])`;

export const activityOf = (rows: readonly Row[]): ReadonlyMap<string, LastActivity> =>
  new Map(
    rows.map(({ id, at, secondFactor }) => [
      id,
      { lastSeenAt: at === null ? null : new Date(at).toISOString(), secondFactor },
    ]),
  );
