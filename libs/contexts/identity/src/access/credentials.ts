import type { Actor, Rejection } from '@daybook/kernel';
import type { EffectiveGrant } from '@daybook/server';
import type { SignInMethod } from '../session/session.schema.js';
import type { TenantState } from '../tenant/tenant.state.js';

/*
 * What a bearer text stands for, before anybody asks what it allows. Each kind (access token, key) is a source of its own;
 * the authenticator takes the first that knows the text's form, and gives all of them rights in the same way.
 */
export interface Credential {
  readonly tenant: string;
  /** Whose grants are used. */
  readonly holder: { readonly kind: 'person' | 'service'; readonly id: string };
  /** Who acts, as events will say. */
  readonly actor: Actor;
  /** Set where a delegate acts for the holder. */
  readonly onBehalfOf: Actor | null;
  readonly sessionId: string | null;
  /** RFC 3339; null for what proves no person. */
  readonly authenticatedAt: string | null;
  readonly expiresAt: string;
  /**
   * Asked in the same moment as the rights, before every request: is the sign-in or key still good, and was more than one
   * factor shown? (null: not asked of this kind.)
   */
  readonly still: () => Promise<{ readonly secondFactor: boolean | null } | Rejection>;
  /** What `still` will probably say of factors, known at once; absent where nobody may begin with a guess. */
  readonly secondFactor?: boolean;
  /** Takes away what this credential may not use of the holder's grants, or refuses by the tenant's state. */
  readonly narrow?: (grants: readonly EffectiveGrant[], state: TenantState) => readonly EffectiveGrant[] | Rejection;
}

export interface CredentialSource {
  /** Is it a text of this kind? Said from its form alone. */
  readonly knows: (bearer: string) => boolean;
  /** A bad, expired or foreign text is a 401 `platform.unauthenticated`. */
  readonly read: (bearer: string, address: string | null) => Promise<Credential | Rejection>;
}

/** Is this sign-in still open in this tenant, and how did the person prove who he is? Null when it has ended. */
export interface SessionChecks {
  look(sessionId: string, tenant: string): Promise<{ readonly methods: readonly SignInMethod[] } | null>;
}
