import { isId } from '@daybook/kernel';
import { type EntityManager, type EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import { CompiledQuery } from 'kysely';
import type { Pool } from 'pg';
import { EntityDialect, EntityDriver } from './entity-driver.js';

/**
 * MikroORM's manager of the entities of plain tables, over connections of a pool that is there already: it opens none of its
 * own, and whatever made the pool ends it. A name of its own and the fork: MikroORM would take a query that runs while
 * one of its transactions is open for a part of that one, queries of other managers too.
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
 * Runs the work in one transaction with the tenant set for just this transaction (row-level security reads it), so that
 * nothing leaks through a pooled connection. `null` sets none: then the api role sees no row.
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
): Promise<T> => em.fork({ session: { variables: { 'daybook.schema_scope': scope } } }).transactional(work);

/** SQL in the manager's transaction, for what entities cannot say; `$1` … stand for the values. Answers its rows. */
export async function statement<R>(em: EntityManager, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const { rows } = await em.getKysely().executeQuery<R>(CompiledQuery.raw(text, [...values]));
  return rows;
}
