import { isId } from '@daybook/kernel';
import { type EntityManager, type EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import type { Pool } from 'pg';
import { EntityDialect, EntityDriver } from './entity-driver.js';

/**
 * MikroORM's entity manager for plain tables, over an existing pool, which its creator closes. It has a name of its own and is a
 * fork: otherwise MikroORM would run queries that start while one of its transactions is open inside that transaction, also
 * queries of other managers.
 */
export const entityManager = (pool: Pool, entities: readonly EntitySchema[]): EntityManager =>
  new MikroORM({
    driver: EntityDriver,
    driverOptions: new EntityDialect(pool),
    contextName: 'entities',
    dbName: 'daybook',
    ensureDatabase: false,
    entities: [...entities],
    discovery: { warnWhenNoEntities: false },
  }).em.fork();

/**
 * Runs the work in one transaction with the tenant set for this transaction only (row-level security reads it), so that it
 * does not leak to other users of a pooled connection. `null` sets none: the API's role then sees no rows.
 */
export function inTenantScope<T>(
  em: EntityManager,
  tenant: string | null,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  if (tenant !== null && !isId(tenant)) throw new Error('A tenant id is a UUID.');
  return em.fork({ session: { variables: { 'daybook.tenant': tenant ?? '' } } }).transactional(work);
}

/** Runs the work in one transaction that sees the tables of a schema scope (schema-scope.ts). */
export const inSchemaScope = <T>(
  em: EntityManager,
  scope: string,
  work: (em: EntityManager) => Promise<T>,
  options: { readonly readOnly?: boolean } = {},
): Promise<T> => em.fork({ session: { variables: { 'daybook.schema_scope': scope } } }).transactional(work, options);
/** As `inSchemaScope`, for work that only reads: nobody waits for its end. */
export const readInSchemaScope = <T>(
  em: EntityManager,
  scope: string,
  work: (em: EntityManager) => Promise<T>,
): Promise<T> => inSchemaScope(em, scope, work, { readOnly: true });

/** SQL in the manager's transaction, for what entities cannot express, with `$1` … for the values. Returns the rows. */
export async function statement<R>(em: EntityManager, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const { rows } = await em.getKysely().executeQuery<R>(CompiledQuery.raw(text, [...values]));
  return rows;
}
