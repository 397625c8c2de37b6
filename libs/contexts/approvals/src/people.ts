import type { EffectiveGrant, RightsOf } from '@daybook/server';

/*
 * What approvals ask of whoever knows people and rights (libs/contexts/identity). Answered from what holds now, in the stream where
 * it is decided, never from a read model.
 */
export interface Holder {
  readonly personId: string;
  /** All that he holds now, wherever. */
  readonly grants: readonly EffectiveGrant[];
}
export interface People {
  readonly rightsOf: RightsOf;
  /** Persons who stand behind keys or service accounts: whoever made the account or ever issued a key of it. */
  personsBehind(tenant: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Names of the roles of a tenant, by the name of a built-in one or the id of one of its own. */
  rolesIn(tenant: string): Promise<ReadonlyMap<string, string>>;
  /** Active members who hold a permission somewhere. */
  holdersOf(tenant: string, permission: string): Promise<readonly Holder[]>;
}
