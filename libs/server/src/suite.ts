import type { EventDeclaration } from '@daybook/kernel';
import type { SqlMigration } from '@daybook/postgres';
import type { ReadContext } from '@daybook/projections';
import type { Pool } from 'pg';
import type { Context } from './context.js';
import type { Authenticator } from './dispatch/access.js';

/** What a context that keeps plain tables of its own (sessions, password hashes) may use, beside what handlers get. */
export interface Resources {
  /** DAYBOOK_SECRET: derive keys from it, never store or log it. */
  readonly secret: string;
  /** Connections as the process's own database role; set the tenant per transaction (`inTenant`). */
  readonly pool: Pool;
  /** Reads read models in one snapshot, now. */
  readonly read: <T>(tenant: string, work: (read: ReadContext) => Promise<T>) => Promise<T>;
  /** Seconds since the first event of the tenant that reads do not show yet; 0 when they show all. */
  readonly lagSeconds: (tenant: string) => Promise<number>;
}

/** The product, as both apps and the whole-app specs wire it: what it keeps, and what it does. */
export interface Suite {
  readonly migrations: readonly SqlMigration[];
  readonly wire: (resources: Resources) => Wired;
}
export interface Wired {
  readonly contexts: readonly Context[];
  readonly authenticator: Authenticator;
}

export const eventsOf = (contexts: readonly Context[]): EventDeclaration[] => contexts.flatMap((c) => [...c.events]);
