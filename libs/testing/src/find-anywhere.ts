import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Client } from 'pg';
import type { TestApp } from './app.js';

/*
 * Looks for values everywhere a running product may have left them: every column of every table of every schema (text,
 * JSON, arrays, bytes), all files of the data folder (uploads, mails), and the lines of both processes' logs. Upper and
 * lower case are the same.
 */
export async function findAnywhere(app: TestApp, needles: readonly string[]): Promise<string[]> {
  const [inDatabase, inFiles] = await Promise.all([findInDatabase(app, needles), findInFiles(app, needles)]);
  return [...inDatabase, ...inFiles, ...findInLog(app, needles)];
}

/** As `schema.table`, once for each table that holds one of them. Reads as the administrator, past every policy. */
export async function findInDatabase(app: TestApp, needles: readonly string[]): Promise<string[]> {
  const client = new Client({ connectionString: app.config.databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1`,
    );
    const found: string[] = [];
    // A row as text shows bytes in hexadecimal, and doubles quotes and backslashes.
    const wanted = needles.flatMap((needle) => [needle, Buffer.from(needle).toString('hex')]).map(asPattern);
    for (const { name } of tables) {
      const { rowCount } = await client.query(`select from ${name} t where t::text ilike any($1) limit 1`, [wanted]);
      if (rowCount) found.push(name);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** Paths below the data folder. */
export async function findInFiles(app: TestApp, needles: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(app.config.dataDir, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((e) => e.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    // Mails break long lines and write some letters in another way.
    const plain = content.toString('utf8').replaceAll('=\r\n', '');
    if (containsAny(`${path} ${plain} ${content.toString('latin1')}`, needles))
      found.push(relative(app.config.dataDir, path));
  }
  return found;
}

export const findInLog = (app: TestApp, needles: readonly string[]): string[] =>
  app.log.filter((line) => containsAny(line, needles)).map((line) => `log: ${line.trim()}`);

export const containsAny = (text: string, needles: readonly string[]): boolean => {
  const lower = text.toLowerCase();
  return needles.some((needle) => lower.includes(needle.toLowerCase()));
};

const asPattern = (needle: string): string => `%${needle.replaceAll(/[\\%_]/g, '\\$&')}%`;
