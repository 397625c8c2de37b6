/*
 * `npm run db:check`: creates a database by the migrations and compares each entity with its table, including row-level security.
 * A plain table without an entity is in lists/tables.json with the reason.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@daybook/postgres';
import { findSchemaDrift } from '@daybook/postgres/schema-drift';
import { startEmbedded } from '@daybook/postgres/embedded';
import { contextsIn } from '@daybook/server/nest/context.module';
import { coreEntities } from '@daybook/server/nest/infrastructure';
import { AppModule, migrations } from '@daybook/app';
import { end } from './checked-files.mjs';

const entities = [...coreEntities, ...contextsIn(AppModule).flatMap((context) => context.entities)];
const others = JSON.parse(readFileSync(new URL('lists/tables.json', import.meta.url), 'utf8'));
const dataDir = mkdtempSync(join(tmpdir(), 'daybook-db-check-'));
const failures = [];
try {
  const { url, stop } = await startEmbedded({ dataDir, durable: false });
  try {
    await migrate(url, 'a secret of the check, long enough to be taken', migrations);
    const drift = await findSchemaDrift(url, entities, others);
    console.log(`db:check: ${drift.entities} entities, ${drift.tables} tables`);
    if (drift.entities === 0 || drift.tables === 0) failures.push('db:check looked at nothing.');
    for (const difference of drift.differences) failures.push(difference);
  } finally {
    await stop();
  }
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
end(failures);
