import { dataFormat, requireFormat } from '@daybook/kernel/data-format';
import type { Client } from 'pg';
import { timeLimits } from './limits.js';
import { connectTo } from './connection.js';
import { roleNames } from './roles.js';

type Queryable = Pick<Client, 'query'>;

/** Of Daybook 0.1, which wrote no mark. */
const unmarked = 1;

/**
 * The format of the data in a database (docs/adr/0049); null when it holds none yet. Changes nothing, and needs no privileges:
 * the catalogue and the mark are readable by everybody.
 */
async function formatIn(client: Queryable): Promise<number | null> {
  const { rows: found } = await client.query<{ name: string }>(
    `select format('%s.%s', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where (n.nspname, c.relname) in (values ('daybook', 'data_format'), ('daybook', 'mikro_orm_migrations'), ('store', 'events'))`,
  );
  if (!found.some(({ name }) => name === 'daybook.data_format')) return found.length === 0 ? null : unmarked;
  const { rows } = await client.query<{ format: number }>('select format from daybook.data_format');
  return rows[0]!.format;
}

/** Throws DataFormatError for a database that another version wrote. Changes nothing. Returns whether it is new. */
export async function requireDataFormat(client: Queryable): Promise<{ isNew: boolean }> {
  const found = await formatIn(client);
  if (found !== null) requireFormat('DATABASE_URL', found);
  return { isNew: found === null };
}

/** For tools that work on a database without migrating it. */
export async function requireDataFormatAt(url: string): Promise<void> {
  const client = await connectTo(url, { application: 'data format', timeLimits: timeLimits.long });
  try {
    await requireDataFormat(client);
  } finally {
    await client.end();
  }
}

/** Written before the first table, so that an interrupted start leaves no data without a mark. */
export async function markDataFormat(admin: Queryable): Promise<void> {
  await admin.query(`
    set local role ${roleNames.owner};
    create table daybook.data_format (one boolean primary key default true check (one), format integer not null);
    insert into daybook.data_format (format) values (${dataFormat});
    grant usage on schema daybook to public;
    grant select on daybook.data_format to public;`);
}
