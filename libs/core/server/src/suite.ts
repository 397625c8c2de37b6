import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import type { EventDeclaration } from '@daybook/kernel';
import type { Mail } from '@daybook/mail';
import type { SqlMigration } from '@daybook/postgres';
import type { ReadContext } from '@daybook/projections';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Context, EventReader } from './context.js';
import type { Authenticator } from './dispatch/access.js';
import type { Vault } from './personal-data.js';

/** What a context that keeps plain tables of its own (sessions, password hashes) may use, beside what handlers get. */
export interface Resources {
  /** DAYBOOK_SECRET: derive keys from it, never store or log it. */
  readonly secret: string;
  /** For what is no operation's outcome (ASVS 16.3): facts and ids, never personal data or secrets. */
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Connections as the process's own database role; set the tenant per transaction (`inTenant`). */
  readonly pool: Pool;
  /** Reads read models in one snapshot, now. */
  readonly read: <T>(tenant: string, work: (read: ReadContext) => Promise<T>) => Promise<T>;
  /** Messages to people. What must not keep anybody waiting, or tell by its time what it did, goes through `later`. */
  readonly mail: Mail;
  /** Does the work after the answer; what goes wrong is logged, and stopping waits for it. */
  readonly later: (what: string, work: () => Promise<void>) => void;
  /** Does the work again and again, in processes of the API alone; never beside itself in one process. */
  readonly repeat: (what: string, everyMs: number, work: () => Promise<void>) => void;
  /** The time in milliseconds, by which limits are counted. */
  readonly now: () => number;
  /** Where people reach the console, without a slash at the end: links in mails start with it. */
  readonly publicUrl: string;
  /** May a sign-in provider be on this machine, and on which hosts inside its network? */
  readonly issuers: { readonly loopback: boolean; readonly internal: readonly string[] };
  /** Past events of a stream, lifted to their newest version; what rights are folded from. */
  readonly events: EventReader;
  /** The event store stands in the database of `pool`: a question to both can be one. */
  readonly eventsInDatabase: boolean;
  /** Revision of the last event of each stream, -1 where there is none: one cheap round trip. */
  readonly lastRevisions: (streams: readonly string[]) => Promise<number[]>;
  /** Whoever finds that a stream is shorter than it was says so here; throws where the log is another one now. */
  readonly logWentBack: () => Promise<void>;
  /** Keys of personal data: erases a subject, hashes a value for look-up. */
  readonly vault: Vault;
  readonly jobs: Pick<Jobs, 'forget'>;
  readonly files: Pick<Files, 'forget'>;
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
