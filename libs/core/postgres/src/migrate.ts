import { Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { timeLimits } from './limits.js';
import { connectTo } from './connection.js';
import { markDataFormat, requireDataFormat } from './data-format.js';
import { ormConnections } from './orm.js';
import { keepSecretCheck, requireSecret } from './secret-check.js';
import { ensureRoles, roleNames } from './roles.js';
import { requireVersion } from './server-version.js';

/** One migration. `name` orders and identifies it: `2026-11-20-store`; one that has run is never changed. */
export interface SqlMigration {
  readonly name: string;
  readonly sql: string;
}

/** Key of the advisory lock: concurrent starts wait for each other. */
const lock = 7_204_113;

/**
 * Checks the server's version, the data format, and whether the database was made with this secret; creates missing roles; and
 * runs new migrations, each in one transaction with its record. A refused database is not changed.
 */
export async function migrate(adminUrl: string, secret: string, migrations: readonly SqlMigration[]): Promise<void> {
  const admin = await connectTo(adminUrl, { application: 'migrate', timeLimits: timeLimits.long });
  try {
    await requireVersion(admin);
    await admin.query('select pg_advisory_lock($1)', [lock]);
    const { isNew } = await requireDataFormat(admin);
    await requireSecret(admin, secret);
    await ensureRoles(admin, secret);
    if (isNew) await markDataFormat(admin);
    await keepSecretCheck(admin, secret);
    await runMigrations(adminUrl, migrations);
  } finally {
    await admin.end();
  }
}

/** Everything is created by the owner role, and so belongs to it. */
async function runMigrations(adminUrl: string, migrations: readonly SqlMigration[]): Promise<void> {
  const orm = await MikroORM.init({
    ...ormConnections(adminUrl, { application: 'migrate', max: 2, timeLimits: timeLimits.long, role: roleNames.owner }),
    entities: [],
    extensions: [Migrator],
    logger: () => undefined,
    schema: 'daybook',
    migrations: { migrationsList: migrations.map(asMigration), snapshot: false, allOrNothing: false },
  });
  try {
    await orm.migrator.up();
  } finally {
    await orm.close();
  }
}

const asMigration = ({ name, sql }: SqlMigration) => ({
  name,
  class: class extends Migration {
    override up(): void {
      this.addSql(sql);
    }
  },
});
