import type { EventCatalogue, EventStore, Sealer } from '@daybook/event-store';
import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import type { Mail } from '@daybook/mail';
import type { Role } from '@daybook/postgres';
import type { PresentRead, ReadContext } from '@daybook/projections';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { EventReader } from '../context.js';
import type { Check } from '../health/readiness.js';
import type { Vault } from '../personal-data.js';
import type { Reads } from '../query/reads.js';

/*
 * Typed injection tokens for the interfaces and plain values that the core provides to every module. Classes (LogMonitor,
 * AfterResponseQueue, …) are their own tokens.
 */
declare const provided: unique symbol;
/** A Nest token whose value is a `T`. */
export type Token<T> = symbol & { readonly [provided]?: T };
export const token = <T>(name: string): Token<T> => Symbol(name) as Token<T>;

/** A class, abstract or not, as a token for its instance. */
type ClassToken = abstract new (...args: never[]) => unknown;
/** Dependencies by the name that the code uses for them. */
export type Injections = Readonly<Record<string, Token<unknown> | ClassToken>>;
export type Injected<I extends Injections> = {
  readonly [Name in keyof I]: I[Name] extends abstract new (...args: never[]) => infer T
    ? T
    : I[Name] extends Token<infer T>
      ? T
      : never;
};

export const CONFIG = token<Config>('Config');
export const LOGGER = token<Logger>('Logger');
/** DAYBOOK_SECRET: derive keys from it, never store or log it. */
export const SECRET = token<string>('Secret');
/** Base URL of the console for links in mails, without a trailing slash. */
export const PUBLIC_URL = token<string>('PublicUrl');
/** Whether sign-in providers may be on this machine, and on which internal hosts. */
export const ISSUERS = token<Config['issuers']>('Issuers');
/** The process's database role: api or projector. */
export const ROLE = token<Role>('Role');
/** The time in milliseconds, for limits of mails. */
export const CLOCK = token<() => number>('Clock');
/** Connections as the process's own database role; set the tenant per transaction (`inTenant`). */
export const POOL = token<Pool>('Pool');
/** Entity manager of the plain tables, over POOL; set the tenant or the schema scope per transaction. */
export const ENTITY_MANAGER = token<EntityManager>('Entities');
/** Connection string of the process's role. */
export const DATABASE_URL = token<string>('DatabaseUrl');
/** Checked: refuses while the log is another one, and leaves a reserve on the disk. */
export const EVENT_STORE = token<EventStore>('EventStore');
/** Not checked: for the projection engine and the health checks, which check the log themselves. */
export const RAW_EVENT_STORE = token<EventStore>('RawEventStore');
export const EVENT_CATALOGUE = token<EventCatalogue>('EventCatalogue');
/** Past events by stream, as deciders see them. */
export const EVENT_READER = token<EventReader>('EventReader');
export const SEALER = token<Sealer & { close(): Promise<void> }>('Sealer');
/** Keys of personal data: erases subjects, hashes values for look-up. */
export const VAULT = token<Vault>('Vault');
export const FILES = token<Files>('Files');
export const JOBS = token<Jobs>('Jobs');
/** Sends a message now. Messages that must not be lost, or must not delay an answer, go through `Outbox`. */
export const MAIL = token<Mail>('Mail');
/** The read models, in one snapshot, now or as known at an earlier moment. */
export const READS = token<Reads>('Reads');
/** The read models over a pool of its own, so that rights can be looked up while reports use up the other. */
export interface RightsReads {
  <T>(tenant: string, work: (read: PresentRead) => Promise<T>): Promise<T>;
  /** As known at this moment; null for now. */
  <T>(tenant: string, work: (read: ReadContext) => Promise<T>, at: string | null): Promise<T>;
}
export const RIGHTS_READS = token<RightsReads>('RightsReads');
/** The checks of `/health/ready`, by name. */
export const CHECKS = token<Readonly<Record<string, Check>>>('Checks');
