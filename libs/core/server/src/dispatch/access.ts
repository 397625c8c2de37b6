import { type Actor, type FieldRule, type Party, type Rejection } from '@daybook/kernel';

/** One grant as it holds now: what a role gives, and where. Ended ones, and those of deactivated members, are not here. */
export interface EffectiveGrant {
  readonly role: string;
  /** null: in the whole tenant. */
  readonly companyId: string | null;
  /** Customer or supplier, as the books name it: the holder sees only what is theirs. */
  readonly party: Party | null;
  /** Names of permissions, as operations declare them. */
  readonly permissions: ReadonlySet<string>;
  /** Field rules of the role, by the name that `guarded` gives. */
  readonly fields: Readonly<Record<string, FieldRule>>;
}

/** What a valid token or key grants: one person (or service) in one tenant, with the rights looked up for this request. */
export interface Access {
  readonly tenant: string;
  readonly actor: Actor;
  /** The person for whom a delegate acts, or whose own key it is: his rights are used, and both stand in every event. */
  readonly onBehalfOf: Actor | null;
  readonly grants: readonly EffectiveGrant[];
  /** Pairs of permissions that one person must not use on one document (segregation of duties), both ways. */
  readonly incompatible: ReadonlyMap<string, readonly string[]>;
  /**
   * Ids that are the same hand, where duties are kept apart: for a key of a service account its other keys, in force or
   * not, whoever created the account or issued one of them, and the keys of other accounts behind which the same persons
   * stand; for a person the keys of the service accounts behind which they stand.
   */
  readonly peers?: readonly string[];
  /** The sign-in; null for keys and internal callers. */
  readonly sessionId: string | null;
  /** When the person last proved who he is (RFC 9068 `auth_time`); null for keys. */
  readonly authenticatedAt: string | null;
  /** RFC 3339; live connections end here. */
  readonly expiresAt: string;
}

/** When somebody last proved who they are, of whom only a sign-in provider has said so. */
export const neverProven = '1970-01-01T00:00:00Z';

/**
 * The rights of somebody who is not asking just now: whoever asked for a command that another person approves. null for
 * who is no member, or not any more.
 */
export type RightsOf = (
  tenant: string,
  actor: Actor,
) => Promise<Pick<Access, 'grants' | 'incompatible' | 'peers'> | null>;

/**
 * Port to the context that knows tokens and rights (libs/contexts/identity). Called once per request with the text after `Bearer `, and the
 * network address, which a key may be limited to. A bad, expired or foreign token is a 401 `platform.unauthenticated`;
 * rights that cannot be known are a 503. Never throws for a bad token.
 */
export abstract class Authenticator {
  /**
   * `ahead` may be told the access as it was a moment ago, once the text is known to be good and while its rights are
   * still asked for. A read may begin with it and must not be answered before the answer here has the same `grants` and
   * `incompatible`: the very same lists, not equal ones.
   */
  abstract authenticate(
    bearer: string,
    address: string | null,
    ahead?: (access: Access) => void,
  ): Promise<Access | Rejection>;
  /** Public keys of the tokens (RFC 7517), served at /.well-known/jwks.json; absent where tokens are not signed. */
  publicKeys?(): Promise<{ keys: object[] }>;
}

/** A member who holds a permission somewhere now. */
export interface Holder {
  readonly personId: string;
  /** All that they hold now, wherever. */
  readonly grants: readonly EffectiveGrant[];
}

/**
 * Port to who knows people and rights, for contexts that decide by them. Answered from what holds now, in the stream where
 * it is decided, never from a read model.
 */
export abstract class People {
  abstract readonly rightsOf: RightsOf;
  /** Persons behind keys or service accounts: who made the account or ever issued a key of it. */
  abstract custodiansOf(tenant: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Names of the roles of a tenant, by the name of a built-in one or the id of one of its own. */
  abstract rolesIn(tenant: string): Promise<ReadonlyMap<string, string>>;
  /** Active members who hold a permission somewhere. */
  abstract holdersOf(tenant: string, permission: string): Promise<readonly Holder[]>;
}

/** Tenant and actor of a caller without a token: operations with `permission: null` see it and decide themselves. */
export const anonymous: Access = {
  tenant: '00000000-0000-0000-0000-000000000000',
  actor: { kind: 'system', id: 'anonymous' },
  onBehalfOf: null,
  grants: [],
  incompatible: new Map(),
  sessionId: null,
  authenticatedAt: null,
  expiresAt: '9999-12-31T23:59:59Z',
};
