import { MikroORM, type EntitySchema, type Options } from '@mikro-orm/postgresql';
import { EntityDialect } from './entity-driver.js';
import { parseDatabaseUrl } from './database-url.js';
import { createPool, type PoolOptions } from './pool.js';

/**
 * Makes MikroORM use our connections: from an address it would use only host, port, user, password and database, and drop
 * every other parameter. Reads may send several statements at once (`inOneTrip`).
 */
export const ormConnections = (
  url: string,
  options: PoolOptions,
): Pick<Options, 'driverOptions' | 'dbName' | 'discovery'> => ({
  driverOptions: new EntityDialect(createPool(url, { ...options, pipeline: true })),
  dbName: parseDatabaseUrl(url).database,
  discovery: { warnWhenNoEntities: false },
});

/** MikroORM for reads; `em.getKysely()` is its query builder. Values are parsed as those of `createPool`. */
export const orm = (
  url: string,
  options: PoolOptions & { readonly entities?: readonly EntitySchema[] },
): Promise<MikroORM> => MikroORM.init({ ...ormConnections(url, options), entities: [...(options.entities ?? [])] });
