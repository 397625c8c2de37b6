import { MikroORM, type EntitySchema } from '@mikro-orm/postgresql';
import { sessionOptions, typeParsers } from './pool.js';

/** A MikroORM for reads; `em.getKysely()` gives its query builder. Values arrive as `createPool` gives them. */
export const orm = (
  url: string,
  options: { max: number; application: string; entities?: readonly EntitySchema[] },
): Promise<MikroORM> =>
  MikroORM.init({
    clientUrl: url,
    driverOptions: {
      options: sessionOptions,
      application_name: `daybook ${options.application}`,
      types: typeParsers,
      connectionTimeoutMillis: 10_000,
    },
    pool: { min: 0, max: options.max },
    entities: [...(options.entities ?? [])],
    discovery: { warnWhenNoEntities: false },
  });
