import { MikroORM, type EntitySchema, type Options } from '@mikro-orm/postgresql';
import { EntityDialect } from './entity-driver.js';
import { parseDatabaseUrl } from './database-url.js';
import { createPool, type PoolOptions } from './pool.js';

/**
 * What MikroORM needs to use connections of ours: it would read host, port, user, password and name out of an address, and
 * drop every other parameter.
 */
export const ormConnections = (
  url: string,
  options: PoolOptions,
): Pick<Options, 'driverOptions' | 'dbName' | 'discovery'> => ({
  driverOptions: new EntityDialect(createPool(url, options)),
  dbName: parseDatabaseUrl(url).database,
  discovery: { warnWhenNoEntities: false },
});

/** A MikroORM for reads; `em.getKysely()` gives its query builder. Values arrive as `createPool` gives them. */
export const orm = (
  url: string,
  options: PoolOptions & { readonly entities?: readonly EntitySchema[] },
): Promise<MikroORM> => MikroORM.init({ ...ormConnections(url, options), entities: [...(options.entities ?? [])] });
