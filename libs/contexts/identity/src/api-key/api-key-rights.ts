import type { EffectiveGrant } from '@daybook/server';
import { isOwn } from '../roles.js';
import type { ActorsState } from '../tenant/actors.state.js';
import { isAllowed } from './addresses.js';
import { covers } from './scopes.js';

type Known = Pick<ActorsState, 'keys' | 'services'>;

/** Why a key is not active, from any address; null if it is. The status of a person who holds it is checked elsewhere. */
export function whyInactive(keyId: string, { keys, services }: Known, now: number): string | null {
  const key = keys.get(keyId);
  if (!key) return 'The key is not active: its approval is pending, or it was rejected.';
  if (key.revoked) return 'The key is revoked.';
  if (Date.parse(key.until) <= now) return 'The key has expired.';
  return key.holder === 'service' && services.get(key.holderId)?.active !== true
    ? 'The service account of the key is deactivated.'
    : null;
}

/** Why a key is refused now, from this address; null if it is accepted. */
export const whyRefused = (keyId: string, state: Known, address: string | null, now: number): string | null =>
  whyInactive(keyId, state, now) ??
  (isAllowed(address, state.keys.get(keyId)?.addresses ?? []) ? null : 'The key may not be used from this address.');

/** The holder's grants, reduced to the scopes of the key, without permissions on their own account. */
export const withinScopes = (grants: readonly EffectiveGrant[], scopes: readonly string[]): EffectiveGrant[] =>
  narrowed(grants, (permission) => !isOwn(permission) && covers(scopes, permission));

/** The person's grants without those on their own account, except for reading the session: what a delegate may use. */
export const withoutOwn = (grants: readonly EffectiveGrant[]): EffectiveGrant[] =>
  narrowed(grants, (permission) => !isOwn(permission) || permission === 'identity.session.read');

const narrowed = (grants: readonly EffectiveGrant[], keep: (permission: string) => boolean): EffectiveGrant[] =>
  grants.flatMap((grant) => {
    const permissions = new Set([...grant.permissions].filter(keep));
    return permissions.size > 0 ? [{ ...grant, permissions }] : [];
  });
