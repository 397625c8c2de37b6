import type { Actor, Rejection } from '@daybook/kernel';
import type { EffectiveGrant } from '@daybook/server';
import type { SignInMethod } from '../session/session.schema.js';
import type { TenantState } from '../tenant/tenant.state.js';

/*
 * What a bearer token stands for, before its rights are looked up. Each kind (access token, API key, delegation token)
 * has a verifier. The authenticator takes the first that recognises the format, and looks up rights for all kinds in
 * the same way.
 */
export interface VerifiedToken {
  readonly tenant: string;
  /** Whose grants are used. */
  readonly holder: { readonly kind: 'person' | 'service'; readonly id: string };
  /** Who acts, as events record it. */
  readonly actor: Actor;
  /** Set when a delegate or an own API key acts for the holder. */
  readonly onBehalfOf: Actor | null;
  readonly sessionId: string | null;
  /** RFC 3339; null for a token that does not prove who the person is. */
  readonly authenticatedAt: string | null;
  readonly expiresAt: string;
  /**
   * Checked with the rights, before every request: is the session or key still valid, and was a second factor used?
   * (null: does not apply to this kind.)
   */
  readonly revalidate: () => Promise<{ readonly secondFactor: boolean | null } | Rejection>;
  /** What `revalidate` will probably say about the second factor; absent where a request must not start early. */
  readonly secondFactor?: boolean;
  /** Restricts the holder's grants to what this token may use, or refuses it by the tenant's state. */
  readonly restrict?: (grants: readonly EffectiveGrant[], state: TenantState) => readonly EffectiveGrant[] | Rejection;
}

export interface TokenVerifier {
  /** Is the token of this kind, by its format alone? */
  readonly recognises: (bearer: string) => boolean;
  /** An invalid, expired or foreign token is a 401 `platform.unauthenticated`. */
  readonly verify: (bearer: string, address: string | null) => Promise<VerifiedToken | Rejection>;
}

/** Is the session still open in this tenant, and how did the person sign in? Null when it has ended. */
export interface SessionChecks {
  look(sessionId: string, tenant: string): Promise<{ readonly methods: readonly SignInMethod[] } | null>;
}
