import { Migration, Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { Client } from 'pg';
import { ensureRoles, roleNames } from './roles.js';

/** One step of the schema. `name` orders and identifies it: `2026-11-20-store`; what has run is never changed. */
export interface SqlMigration {
  readonly name: string;
  readonly sql: string;
}

/** Any fixed number: two starts at once wait for each other. */
const lock = 7_204_113;

/** Makes missing roles and runs what is new, each migration in one transaction with the note that it ran. */
export async function migrate(adminUrl: string, secret: string, migrations: readonly SqlMigration[]): Promise<void> {
  const admin = new Client({ connectionString: adminUrl, application_name: 'daybook migrate' });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock($1)', [lock]);
    await ensureRoles(admin, secret);
    await runMigrations(adminUrl, migrations);
  } finally {
    await admin.end();
  }
}

/** Everything is made by, and so belongs to, the owner's role. */
async function runMigrations(adminUrl: string, migrations: readonly SqlMigration[]): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: adminUrl,
    driverOptions: { options: `-c role=${roleNames.owner}`, application_name: 'daybook migrate' },
    pool: { min: 0, max: 2 },
    entities: [],
    discovery: { warnWhenNoEntities: false },
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
