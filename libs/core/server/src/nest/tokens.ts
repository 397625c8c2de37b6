import type { EventCatalogue, EventStore, Sealer } from '@daybook/event-store';
import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import type { Mail } from '@daybook/mail';
import type { Role } from '@daybook/postgres';
import type { ReadContext } from '@daybook/projections';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { EventReader } from '../context.js';
import type { Check } from '../health/readiness.js';
import type { Vault } from '../personal-data.js';
import type { Reads } from '../query/reads.js';

/*
 * What the core provides to every module beside classes that are their own token (Pool, LogGuard, AfterResponseQueue, Contexts, …):
 * interfaces and plain values, each under a token that knows its type.
 */
declare const provided: unique symbol;
/** A Nest token whose value is a `T`. */
export type Token<T> = symbol & { readonly [provided]?: T };
export const token = <T>(name: string): Token<T> => Symbol(name) as Token<T>;

/** A class, abstract or not, as a token for what it describes. */
type ClassToken = abstract new (...args: never[]) => unknown;
/** What is injected, by the name that the code calls it. */
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
/** Where people reach the console, without a slash at the end: links in mails start with it. */
export const PUBLIC_URL = token<string>('PublicUrl');
/** May a sign-in provider be on this machine, and on which hosts inside its network? */
export const ISSUERS = token<Config['issuers']>('Issuers');
/** The process's database role: api or projector. */
export const ROLE = token<Role>('Role');
/** The time in milliseconds, by which limits are counted. */
export const CLOCK = token<() => number>('Clock');
/** Connections as the process's own database role; set the tenant per transaction (`inTenant`). */
export const POOL = token<Pool>('Pool');
/** Entities of plain tables, over the connections of POOL; set the tenant or the schema scope per transaction. */
export const ENTITIES = token<EntityManager>('Entities');
/** Login URL of the process's role. */
export const DATABASE_URL = token<string>('DatabaseUrl');
/** Guarded: refuses when the log is another one, and leaves a reserve on the disk. */
export const EVENT_STORE = token<EventStore>('EventStore');
/** Not guarded: for the projection engine and the checks, which look at the log themselves. */
export const RAW_EVENT_STORE = token<EventStore>('RawEventStore');
export const EVENT_CATALOGUE = token<EventCatalogue>('EventCatalogue');
/** Past events by stream, as deciders see them. */
export const EVENT_READER = token<EventReader>('EventReader');
export const SEALER = token<Sealer & { close(): Promise<void> }>('Sealer');
/** Keys of personal data: erases a subject, hashes a value for look-up. */
export const VAULT = token<Vault>('Vault');
export const FILES = token<Files>('Files');
export const JOBS = token<Jobs>('Jobs');
/** Messages to people. What must not keep anybody waiting, or tell by its time what it did, goes through `AfterResponseQueue`. */
export const MAIL = token<Mail>('Mail');
/** Read models, in one snapshot, now or as known at a moment. */
export const READS = token<Reads>('Reads');
/** Read models now, on connections of their own: rights are looked up while reports fill the others. */
export type RightsReads = <T>(
  tenant: string,
  work: (read: ReadContext) => Promise<T>,
  /** As it was at this moment; left out: now. */
  at?: string | null,
) => Promise<T>;
export const RIGHTS_READS = token<RightsReads>('RightsReads');
/** What `/health/ready` asks, by name. */
export const CHECKS = token<Readonly<Record<string, Check>>>('Checks');
