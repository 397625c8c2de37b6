import { eventStoreMigrations } from '@daybook/event-store/postgres/migrations';
import { fileMigrations } from '@daybook/files/migrations';
import { jobMigrations } from '@daybook/jobs/migrations';
import { mailMigrations } from '@daybook/mail/migrations';
import type { SqlMigration } from '@daybook/postgres';
import { projectionMigrations } from '@daybook/projections/migrations';
import { reservationMigrations } from '@daybook/server/hold/reservation.migrations';
import { importMigrations } from '@daybook/server/import/import.migrations';
import { existsSync, readdirSync } from 'node:fs';

/** A context with plain tables makes them in `migrations.ts`, which exports lists of migrations and nothing else. */
async function migrationsOfContexts(): Promise<readonly SqlMigration[]> {
  const contexts = new URL('../../contexts/', import.meta.url);
  const file = import.meta.url.endsWith('.ts') ? 'src/migrations.ts' : 'dist/migrations.js';
  const found = readdirSync(contexts)
    .sort()
    .map((name) => new URL(`${name}/${file}`, contexts))
    .filter((url) => existsSync(url))
    .map(async ({ href }) => Object.values((await import(href)) as Record<string, readonly SqlMigration[]>).flat());
  return (await Promise.all(found)).flat();
}

/**
 * Every migration of the product, in order. Apart from the contexts, and from files without imports of their own: the
 * start script compares their names with those a database has taken, and must not load the product for it.
 */
export const migrations: readonly SqlMigration[] = [
  ...eventStoreMigrations,
  ...projectionMigrations,
  ...jobMigrations,
  ...fileMigrations,
  ...mailMigrations,
  ...reservationMigrations,
  ...importMigrations,
  ...(await migrationsOfContexts()),
];
