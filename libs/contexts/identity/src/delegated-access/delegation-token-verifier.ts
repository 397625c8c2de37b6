import { reject } from '@daybook/kernel';
import { unauthenticated } from '@daybook/server';
import { withSecond } from '../session/session.schema.js';
import type { TokenVerifier, SessionChecks } from '../access/token-verifier.js';
import { withoutOwn } from '../api-key/api-key-rights.js';
import type { SigningKeys } from '../session/signing-keys.js';
import { isOpen } from '../tenant/actors.state.js';
import { VerifiedTokens } from '../session/verified-tokens.js';
import { type DelegationClaims, isDelegationToken, verifyDelegationToken } from './delegation-tokens.js';

const over = () => unauthenticated('The delegated access has ended.');

/**
 * A delegate has the person's current rights, without those over their own account, as long as the consent,
 * the person's membership and the delegate's own session last. The token does not prove who the person is, so sensitive
 * operations are refused.
 */
export const delegationTokenVerifier = (
  keys: Pick<SigningKeys, 'publicKey'>,
  sessions: SessionChecks | null,
  now: () => number = Date.now,
  known = new VerifiedTokens<DelegationClaims>(now),
): TokenVerifier => ({
  recognises: isDelegationToken,
  verify: async (bearer) => {
    const claims = await verifyDelegationToken(keys, known, bearer, now());
    if (claims === null) return unauthenticated('The token is invalid or has expired. Enter again.');
    const { sub, act, tenant, consent: consentId, sid, home, exp } = claims;
    let factor = sessions === null;
    return {
      tenant,
      holder: { kind: 'person', id: sub },
      actor: { kind: 'person', id: act.sub },
      onBehalfOf: { kind: 'person', id: sub },
      sessionId: sid,
      authenticatedAt: null,
      expiresAt: new Date(exp * 1000).toISOString(),
      revalidate: async () => {
        const open = await sessions?.look(sid, home);
        if (open === null) return unauthenticated('The session has ended. Sign in again.');
        factor ||= withSecond(open?.methods ?? []);
        // null: a session without a second factor still reaches the person's own account, but a delegate never does.
        return { secondFactor: null };
      },
      restrict: (grants, state) => {
        const consent = state.consents.get(consentId);
        const fits = consent?.personId === sub && consent.delegateId === act.sub;
        if (!fits || !isOpen(consent, new Date(now()).toISOString())) return over();
        if (state.policy.mfaRequired && !factor) {
          return reject('identity.mfa-setup-required', 'This tenant asks for a second factor. Sign in with one.', {
            status: 403,
          });
        }
        return withoutOwn(grants);
      },
    };
  },
});
