import type { EffectiveGrant } from '@daybook/server';
import { isOwn } from '../roles.js';
import type { ActorsState } from '../tenant/actors.state.js';
import { isAllowed } from './addresses.js';
import { covers } from './scopes.js';

type Known = Pick<ActorsState, 'keys' | 'services'>;

/** Why a key is dead, wherever it is used; null when it is not. What a person who holds it may do is asked elsewhere. */
export function whyDead(keyId: string, { keys, services }: Known, now: number): string | null {
  const key = keys.get(keyId);
  if (!key) return 'The key is not active: its approval is pending, or it was rejected.';
  if (key.revoked) return 'The key is revoked.';
  if (Date.parse(key.until) <= now) return 'The key has expired.';
  return key.holder === 'service' && services.get(key.holderId)?.active !== true
    ? 'The service account of the key is deactivated.'
    : null;
}

/** Why a key opens nothing now, from here. */
export const whyRefused = (keyId: string, state: Known, address: string | null, now: number): string | null =>
  whyDead(keyId, state, now) ??
  (isAllowed(address, state.keys.get(keyId)?.addresses ?? []) ? null : 'The key may not be used from this address.');

/** What the holder may do, as far as the key may do it; never what concerns his own account. */
export const withinScopes = (grants: readonly EffectiveGrant[], scopes: readonly string[]): EffectiveGrant[] =>
  narrowed(grants, (permission) => !isOwn(permission) && covers(scopes, permission));

/** The person's rights without those over his own account, but for seeing who he is: what a delegate may use. */
export const withoutOwn = (grants: readonly EffectiveGrant[]): EffectiveGrant[] =>
  narrowed(grants, (permission) => !isOwn(permission) || permission === 'identity.session.read');

const narrowed = (grants: readonly EffectiveGrant[], keep: (permission: string) => boolean): EffectiveGrant[] =>
  grants.flatMap((grant) => {
    const permissions = new Set([...grant.permissions].filter(keep));
    return permissions.size > 0 ? [{ ...grant, permissions }] : [];
  });
