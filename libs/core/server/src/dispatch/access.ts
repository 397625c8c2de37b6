import { type Actor, type FieldRule, type Party, type Rejection } from '@daybook/kernel';

/** A grant in effect: what a role permits, and where. Without ended grants and those of deactivated members. */
export interface EffectiveGrant {
  readonly role: string;
  /** null: the whole tenant. */
  readonly companyId: string | null;
  /** Customer or supplier: the holder sees only the lines of this party. */
  readonly party: Party | null;
  /** Names of permissions, as operations declare them. */
  readonly permissions: ReadonlySet<string>;
  /** Field rules of the role, by the name that `guarded` gives. */
  readonly fields: Readonly<Record<string, FieldRule>>;
}

/** What a valid token or API key gives access to: one actor in one tenant, with the rights looked up for this request. */
export interface Access {
  readonly tenant: string;
  readonly actor: Actor;
  /** The person for whom delegated access or their own API key acts: their rights are used, and events name both. */
  readonly onBehalfOf: Actor | null;
  readonly grants: readonly EffectiveGrant[];
  /** Segregation of duties: permissions that one person must not use on the same document, in both directions. */
  readonly incompatible: ReadonlyMap<string, readonly string[]>;
  /**
   * Ids that count as the same person for segregation of duties. For an API key of a service account: its other keys,
   * active or not, the persons who created the account or issued one of its keys, and the keys of other accounts of these
   * persons. For a person: the keys of the service accounts that they created or issued keys for.
   */
  readonly peers?: readonly string[];
  /** The session; null for API keys and internal callers. */
  readonly sessionId: string | null;
  /** When the person last authenticated (RFC 9068 `auth_time`); null for API keys. */
  readonly authenticatedAt: string | null;
  /** RFC 3339; live connections are closed then. */
  readonly expiresAt: string;
  /** Last revisions of the streams that were asked for with the rights; -1 for an empty one. */
  readonly revisions?: ReadonlyMap<string, number>;
}

/** `authenticatedAt` of a person that only an SSO provider has identified. */
export const neverProven = '1970-01-01T00:00:00Z';

/**
 * The rights of somebody who is not calling just now: the requester of a command that another person approves. null when
 * they are not, or no longer, a member.
 */
export type RightsOf = (
  tenant: string,
  actor: Actor,
) => Promise<Pick<Access, 'grants' | 'incompatible' | 'peers'> | null>;

/**
 * Port to the context that knows tokens and rights (libs/contexts/identity). Called once per request with the text after
 * `Bearer ` and the network address, to which an API key can be limited. An invalid or expired token is a 401
 * `platform.unauthenticated`; rights that cannot be determined are a 503. Never throws for an invalid token.
 */
export abstract class Authenticator {
  /**
   * `ahead` may be called with the access as it was a moment ago, once the token is verified and while the current rights
   * are still being looked up. A query can start with it, but must not be answered before the result here has the same
   * `grants` and `incompatible`: identical lists, not equal ones.
   */
  abstract authenticate(
    bearer: string,
    address: string | null,
    ahead?: (access: Access) => void,
  ): Promise<Access | Rejection>;
  /** Public keys of the tokens (RFC 7517), served at /.well-known/jwks.json; absent where tokens are not signed. */
  publicKeys?(): Promise<{ keys: object[] }>;
}

/** A member who currently holds a permission somewhere. */
export interface Holder {
  readonly personId: string;
  /** All their grants in effect. */
  readonly grants: readonly EffectiveGrant[];
}

/** How a member is called, and where they are reached. */
export interface PersonAddress {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/**
 * Port to people and rights, for contexts that decide by them. Answered from the stream in which they are decided, never
 * from a read model.
 */
export abstract class People {
  abstract readonly rightsOf: RightsOf;
  /** Persons behind API keys or service accounts: who created the account or ever issued one of its keys. */
  abstract custodiansOf(tenant: string, ids: readonly string[]): Promise<readonly string[]>;
  /** Names of the roles of a tenant, by the key of a built-in role or the id of its own. */
  abstract rolesIn(tenant: string): Promise<ReadonlyMap<string, string>>;
  /** Name and e-mail address of those of these persons who are active members. */
  abstract addressesOf(tenant: string, ids: readonly string[]): Promise<readonly PersonAddress[]>;
  /** Active members who hold the permission somewhere. */
  abstract holdersOf(tenant: string, permission: string): Promise<readonly Holder[]>;
}

/** Port to the companies of a tenant, for contexts that are given the id of one. Answered from the streams, as `People`. */
export abstract class Companies {
  abstract has(tenant: string, companyId: string): Promise<boolean>;
}

/** Access of a caller without a token: operations with `permission: null` get it and decide themselves. */
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
