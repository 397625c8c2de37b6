import type { Actor, Rejection } from '@daybook/kernel';

/** What a valid token grants: one person (or key) in one tenant, with the rights looked up for this request. */
export interface Access {
  readonly tenant: string;
  readonly actor: Actor;
  /** Names of permissions, as operations declare them. */
  readonly permissions: ReadonlySet<string>;
  /** RFC 3339; live connections end here. */
  readonly expiresAt: string;
}

/**
 * Port to whoever knows tokens and rights (libs/identity). Called once per request with the text after `Bearer `.
 * A bad, expired or foreign token is a 401 `platform.unauthenticated`; rights that cannot be trusted (the access read
 * model parked or more than 60 s behind) are a 503. Never throws for a bad token.
 */
export interface Authenticator {
  authenticate(bearer: string): Promise<Access | Rejection>;
  /** Public keys of the tokens (RFC 7517), served at /.well-known/jwks.json; absent where tokens are not signed. */
  publicKeys?(): Promise<{ keys: object[] }>;
}

/** Tenant and actor of a caller without a token: operations with `permission: null` see it and decide themselves. */
export const anonymous = {
  tenant: '00000000-0000-0000-0000-000000000000',
  actor: { kind: 'system', id: 'anonymous' },
} as const satisfies Pick<Access, 'tenant' | 'actor'>;
