import {
  type CommandOperation,
  type DecideContext,
  type Decision,
  type InputOf,
  type NewEvent,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type * as z from 'zod';
import type { sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import type { grantGiven } from '../grant/grant.events.js';
import type { roleDefined } from '../role/role.events.js';
import { type ActorsState, noActorsYet } from './actors.state.js';
import type { TenantEvent } from './tenant.stream.js';

/*
 * What a tenant knows of itself: who is a member, what roles there are, who was given what, which permissions do not belong
 * in one hand. Commands are decided on it, and the rights of every request are read from it (access/tenant-state-cache.ts).
 */
export interface TenantState extends ActorsState {
  /** null before the tenant is created. */
  readonly tenant: { readonly id: string; readonly name: string; readonly version: number } | null;
  readonly policy: { readonly mfaRequired: boolean };
  readonly members: ReadonlyMap<string, Member>;
  /** Those not revoked; ended ones stay here and are worth nothing. */
  readonly grants: ReadonlyMap<string, Grant>;
  /** The tenant's own roles by id. */
  readonly roles: ReadonlyMap<string, OwnRole>;
  /** Rules set by the tenant; `rule` is null where one was removed. What is not here stands in segregation-of-duties/sod-rules.ts. */
  readonly sodRules: ReadonlyMap<string, { readonly rule: SodRule | null; readonly version: number }>;
}
export interface Member {
  readonly personId: string;
  readonly status: 'active' | 'deactivated';
  readonly version: number;
}
export type Grant = z.infer<(typeof grantGiven)['data']>;
export type OwnRole = z.infer<(typeof roleDefined)['data']> & { readonly version: number };
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

/** What is known before deciding and stands in no event of the stream. */
export interface TenantFacts {
  /** All permissions that operations declare. */
  readonly declared: readonly string[];
  /** All fields that `guarded` names. */
  readonly guarded: readonly string[];
  /** Whose rights the command uses; null for the program itself, which is not asked for any. */
  readonly giver: { readonly holder: 'person' | 'service'; readonly id: string } | null;
  /** Was the person that the command would bring back erased? */
  readonly erased: boolean;
}

/** One command's rule. A table of rules that misses a command does not compile. */
export type Rule<O extends CommandOperation> = (
  input: InputOf<O>,
  state: OpenTenant,
  context: DecideContext,
  facts: TenantFacts,
) => Decision<TenantEvent>;
export type RulesOf<L extends readonly CommandOperation[]> = {
  readonly [O in L[number] as O['name']]: Rule<O>;
};
/** How the state follows from each event of a list. */
export type FoldsOf<E extends NewEvent> = {
  readonly [T in E['type']]: (state: TenantState, data: Extract<E, { type: T }>['data']) => TenantState;
};
/** Every command but the first is decided on a tenant that exists. */
export type OpenTenant = TenantState & { readonly tenant: NonNullable<TenantState['tenant']> };

export const withKey = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> =>
  new Map(map).set(key, value);
export const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => {
  const left = new Map(map);
  left.delete(key);
  return left;
};

export const notHere = (what: string, code: string): Rejection =>
  reject(code, `There is no such ${what}.`, { status: 404 });
