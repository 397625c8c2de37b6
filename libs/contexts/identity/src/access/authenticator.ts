import { type DeclaredPermissions, isRejection, type Rejection } from '@daybook/kernel';
import { type Access, Authenticator, type EffectiveGrant, type RightsOf, unauthenticated } from '@daybook/server';
import { whyInactive, withinScopes } from '../api-key/api-key-rights.js';
import type { SigningKeys } from '../session/signing-keys.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { peersOf } from './key-custodians.js';
import type { VerifiedToken, TokenVerifier } from './token-verifier.js';
import type { TenantStateCache } from './tenant-state-cache.js';
import { accountGrant, incompatiblePermissions, effectiveGrants } from './effective-grants.js';

/** A bearer token says who calls. What they may do is looked up for each request, from the tenant's own stream. */
export class RightsAuthenticator extends Authenticator {
  constructor(
    private readonly verifiers: readonly TokenVerifier[],
    private readonly tenantStates: Pick<TenantStateCache, 'current' | 'asked' | 'cached'>,
    private readonly keys: Pick<SigningKeys, 'jwks'>,
    private readonly bindings: { readonly declared: DeclaredPermissions },
    private readonly now: () => number = Date.now,
  ) {
    super();
  }

  async authenticate(
    bearer: string,
    address: string | null,
    ahead?: (access: Access) => void,
  ): Promise<Access | Rejection> {
    const verifier = this.verifiers.find(({ recognises }) => recognises(bearer));
    const token = await (verifier?.verify(bearer, address) ?? unauthenticated());
    if (isRejection(token)) return token;
    const asked = Promise.all([this.tenantStates.asked(token.tenant), token.revalidate()]);
    const cached = token.secondFactor === undefined ? null : this.tenantStates.cached(token.tenant);
    if (ahead && cached) {
      const guess = this.accessOf(token, cached, token.secondFactor ?? null);
      if (!isRejection(guess)) ahead(guess);
    }
    const [{ state, revisions }, validity] = await asked;
    // A deactivated member is told so first; that their session has ended follows from it.
    const unfit = inactiveMember(token, state);
    if (unfit) return unfit;
    if (isRejection(validity)) return validity;
    const access = this.accessOf(token, state, validity.secondFactor);
    return isRejection(access) ? access : { ...access, revisions };
  }

  private accessOf(token: VerifiedToken, state: TenantState, secondFactor: boolean | null): Access | Rejection {
    const grants = inactiveMember(token, state) ?? this.grantsOf(token, state, secondFactor);
    if (isRejection(grants)) return grants;
    const { tenant, actor, onBehalfOf, sessionId, authenticatedAt, expiresAt } = token;
    const incompatible = incompatiblePermissions(state);
    const peers = [...new Set([actor, ...(onBehalfOf ? [onBehalfOf] : [])].flatMap(({ id }) => peersOf(id, state)))];
    return { tenant, actor, onBehalfOf, grants, incompatible, peers, sessionId, authenticatedAt, expiresAt };
  }

  /** The rights of an actor who is not the caller. */
  readonly rightsOf: RightsOf = async (tenant, actor) => {
    const state = await this.tenantStates.current(tenant);
    const day = this.today();
    if (actor.kind === 'api-key') {
      const key = state.keys.get(actor.id);
      if (!key || whyInactive(key.keyId, state, this.now()) !== null) return null;
      const grants = effectiveGrants(state, { kind: key.holder, id: key.holderId }, this.bindings.declared, day);
      return {
        grants: withinScopes(grants, key.scopes),
        incompatible: incompatiblePermissions(state),
        peers: peersOf(actor.id, state),
      };
    }
    if (state.members.get(actor.id)?.status !== 'active') return null;
    const grants = effectiveGrants(state, { kind: 'person', id: actor.id }, this.bindings.declared, day);
    return { grants, incompatible: incompatiblePermissions(state), peers: peersOf(actor.id, state) };
  };

  override publicKeys(): Promise<{ keys: object[] }> {
    return this.keys.jwks();
  }

  private grantsOf(
    { holder, restrict }: VerifiedToken,
    state: TenantState,
    secondFactor: boolean | null,
  ): readonly EffectiveGrant[] | Rejection {
    // Without the required second factor the own account stays open, so that the person can add one.
    if (holder.kind === 'person' && state.policy.mfaRequired && secondFactor === false) {
      return [accountGrant(this.bindings.declared)];
    }
    const grants = effectiveGrants(state, holder, this.bindings.declared, this.today());
    return restrict ? restrict(grants, state) : grants;
  }

  private today(): string {
    return new Date(this.now()).toISOString().slice(0, 10);
  }
}

function inactiveMember({ holder }: VerifiedToken, state: TenantState): Rejection | null {
  if (holder.kind !== 'person') return null;
  const status = state.members.get(holder.id)?.status;
  if (status === 'active') return null;
  return unauthenticated(
    status === undefined
      ? 'You are not a member of this tenant.'
      : 'Your membership of this tenant is deactivated. Ask its administrator.',
  );
}
