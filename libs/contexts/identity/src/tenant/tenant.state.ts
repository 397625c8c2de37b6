import {
  type CommandOperation,
  type DeclaredPermissions,
  type NewEvent,
  reject,
  type Rejection,
  type RulesOf,
  type StateOfRecord,
} from '@daybook/kernel';
import type * as z from 'zod';
import type { sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import type { member } from '../member/member.record.js';
import type { grantGiven } from '../grant/grant.events.js';
import type { roleRecord } from '../role/role.record.js';
import { type ActorsState, noActorsYet } from './actors.state.js';
import type { TenantEvent } from './tenant.stream.js';

/*
 * The state of a tenant: members, roles, grants, segregation of duties rules. Commands are decided on it, and every
 * request's rights are read from it (access/tenant-state-cache.ts).
 */
export interface TenantState extends ActorsState {
  /** null before the tenant is created. */
  readonly tenant: { readonly id: string; readonly name: string; readonly version: number } | null;
  readonly policy: { readonly mfaRequired: boolean };
  readonly members: ReadonlyMap<string, Member>;
  /** Grants that are not revoked. Expired ones stay here and give no rights. */
  readonly grants: ReadonlyMap<string, Grant>;
  /** The tenant's own roles by id. */
  readonly roles: ReadonlyMap<string, OwnRole>;
  /** Rules that the tenant set; `rule` is null for a removed one. The built-in rules are in segregation-of-duties/sod-rules.ts. */
  readonly sodRules: ReadonlyMap<string, { readonly rule: SodRule | null; readonly version: number }>;
}
/** Since when is in the log, and of no decision. */
export type Member = Omit<StateOfRecord<typeof member>, 'since'>;
export type Grant = z.infer<(typeof grantGiven)['data']>;
export type OwnRole = StateOfRecord<typeof roleRecord>;
export type SodRule = z.infer<(typeof sodRuleSet)['data']>;

export const noTenantYet: TenantState = {
  ...noActorsYet,
  tenant: null,
  policy: { mfaRequired: false },
  members: new Map(),
  grants: new Map(),
  roles: new Map(),
  sodRules: new Map(),
};

/** Decision facts: what a decision needs and the stream does not contain. */
export interface TenantFacts {
  /** All declared permissions, and those of the built-in roles. */
  readonly declared: DeclaredPermissions;
  /** All guarded fields. */
  readonly guarded: readonly string[];
  /** Whose rights the command uses; null for the system itself, which needs none. */
  readonly giver: { readonly holder: 'person' | 'service'; readonly id: string } | null;
  /** Was the person to add or reactivate erased in this tenant? */
  readonly erased: boolean;
  /** Is the company that the command names in this tenant? True when it names none. */
  readonly companyExists: boolean;
}

/** Tables that lack the rule of a command, or the fold of an event, do not compile. */
export type TenantRules<L extends readonly CommandOperation[]> = RulesOf<L, OpenTenant, TenantEvent, TenantFacts>;
/** They need no revision, so rules may ask what would be so after an event. */
export type TenantFolds<E extends NewEvent> = {
  readonly [T in E['type']]: (state: TenantState, data: Extract<E, { type: T }>['data']) => TenantState;
};
/** All commands but the first are decided on an existing tenant. */
export type OpenTenant = TenantState & { readonly tenant: NonNullable<TenantState['tenant']> };

export const notFound = (what: string, code: string): Rejection =>
  reject(code, `There is no such ${what}.`, { status: 404 });
