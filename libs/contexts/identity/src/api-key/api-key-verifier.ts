import { reject, type Rejection } from '@daybook/kernel';
import { unauthenticated } from '@daybook/server';
import type { TokenVerifier } from '../access/token-verifier.js';
import { type ApiKeys, isApiKey } from './api-keys.js';
import { whyRefused, withinScopes } from './api-key-rights.js';

const factorNeeded = (): Rejection =>
  reject(
    'identity.mfa-setup-required',
    'This tenant requires a second factor, and the holder of this key has none. The holder must set one up.',
    {
      status: 403,
    },
  );

/** How often the key of a live connection is checked again. */
const connectionMs = 600_000;

/** API keys as bearer tokens: the holder's current rights, within the key's scopes, from the addresses it allows. */
export const apiKeyVerifier = (keys: ApiKeys, now: () => number = Date.now): TokenVerifier => ({
  recognises: isApiKey,
  verify: async (bearer, address) => {
    const key = await keys.find(bearer);
    if (key === null) return unauthenticated('The key is not valid.');
    const { keyId, tenant, holder, holderId, until, secondFactor } = key;
    return {
      tenant,
      holder: { kind: holder, id: holderId },
      actor: { kind: 'api-key', id: keyId },
      // A person and their own key are one person: they cannot approve with the key what they requested themselves.
      onBehalfOf: holder === 'person' ? { kind: 'person', id: holderId } : null,
      sessionId: null,
      authenticatedAt: null,
      expiresAt: new Date(Math.min(Date.parse(until), now() + connectionMs)).toISOString(),
      revalidate: async () => ({ secondFactor: null }),
      restrict: (grants, state) => {
        const why = whyRefused(keyId, state, address, now());
        if (why !== null) return unauthenticated(why);
        // A key from before the tenant required MFA is no way around it: its holder needs a second factor now.
        if (state.policy.mfaRequired && !secondFactor) return factorNeeded();
        const scopes = state.keys.get(keyId)?.scopes ?? [];
        keys.noteUse(keyId);
        return withinScopes(grants, scopes);
      },
    };
  },
});
