import { type EntitySchema, MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { timeLimits } from './limits.js';
import { parseDatabaseUrl } from './database-url.js';
import { EntityDialect, EntityDriver } from './entity-driver.js';
import { createPool } from './pool.js';

export interface SchemaDrift {
  /** Number of entities that were compared with their tables. */
  readonly entities: number;
  /** Number of tables that were found. */
  readonly tables: number;
  /** The differences as SQL, and tables that no entity describes. */
  readonly differences: readonly string[];
}

/**
 * Compares entities with the tables of a database: columns with type, default and null, keys, indexes, checks, foreign keys,
 * row-level security and its policies. Each table has an entity, or is listed in `others` with the reason why not: by its name,
 * or as `schema.*` (`rm_*.*` for all schemas that begin so).
 */
export async function findSchemaDrift(
  url: string,
  entities: readonly EntitySchema[],
  others: Readonly<Record<string, string>>,
): Promise<SchemaDrift> {
  const pool = createPool(url, { max: 2, application: 'check', timeLimits: timeLimits.long });
  try {
    const tables = await tablesIn(pool);
    const described = new Set(entities.map(({ meta }) => `${meta.schema}.${meta.tableName}`));
    const isOther = (table: string): boolean => Object.keys(others).some((pattern) => matches(pattern, table));
    const without = tables.filter((table) => !described.has(table) && !isOther(table));
    return {
      entities: entities.length,
      tables: tables.length,
      differences: [
        ...(await statementsBetween(url, pool, entities, tables)),
        ...without.map((table) => `${table} has no entity.`),
      ],
    };
  } finally {
    await pool.end();
  }
}

async function tablesIn(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%s.%s', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' order by 1`,
  );
  return rows.map(({ name }) => name);
}

const schemaOf = (table: string): string => table.slice(0, table.indexOf('.'));

async function statementsBetween(
  url: string,
  pool: Pool,
  entities: readonly EntitySchema[],
  tables: readonly string[],
): Promise<string[]> {
  const own = new Set(entities.map(({ meta }) => meta.schema));
  const orm = await MikroORM.init({
    driver: EntityDriver,
    driverOptions: new EntityDialect(pool),
    dbName: parseDatabaseUrl(url).database,
    ensureDatabase: false,
    entities: [...entities],
    schemaGenerator: {
      ignoreRoutines: true,
      ignoreSchema: ['daybook', 'public', ...tables.map(schemaOf)].filter((schema) => !own.has(schema)),
    },
  });
  const sql = await orm.schema.getUpdateSchemaSQL({ wrap: false, dropTables: false });
  // Functions and triggers belong to migrations alone; what they do has specs.
  return sql.split('\n').filter((line) => line !== '' && !/^drop (schema|trigger|function) /.test(line));
}

/** `*` matches anything but a dot. */
const matches = (pattern: string, table: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^.]*')}$`).test(table);
