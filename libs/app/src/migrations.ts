import { approvalMigrations } from '@daybook/approvals/migrations';
import { eventStoreMigrations } from '@daybook/event-store/postgres/migrations';
import { fileMigrations } from '@daybook/files/migrations';
import { identityMigrations } from '@daybook/identity/migrations';
import { jobMigrations } from '@daybook/jobs/migrations';
import { mailMigrations } from '@daybook/mail/migrations';
import type { SqlMigration } from '@daybook/postgres';
import { projectionMigrations } from '@daybook/projections/migrations';
import { reservationMigrations } from '@daybook/server/hold/reservation.migrations';

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
  ...identityMigrations,
  ...approvalMigrations,
];
