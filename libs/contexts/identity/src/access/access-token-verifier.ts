import { unauthenticated } from '@daybook/server';
import type { AccessTokens } from '../session/access-tokens.js';
import { withSecond } from '../session/session.schema.js';
import type { TokenVerifier, SessionChecks } from './token-verifier.js';

/** Access tokens of people who signed in. Any token that no other verifier recognises is read as one. */
export function accessTokenVerifier(tokens: Pick<AccessTokens, 'verify'>, sessions: SessionChecks): TokenVerifier {
  return {
    recognises: () => true,
    verify: async (bearer) => {
      const claims = await tokens.verify(bearer);
      if (claims === null) return unauthenticated('The access token is invalid or has expired. Sign in again.');
      const { sub, tenant, sid, exp, auth_time: at, amr } = claims;
      return {
        tenant,
        holder: { kind: 'person', id: sub },
        actor: { kind: 'person', id: sub },
        onBehalfOf: null,
        sessionId: sid,
        authenticatedAt: new Date(at * 1000).toISOString(),
        expiresAt: new Date(exp * 1000).toISOString(),
        secondFactor: amr.includes('mfa'),
        revalidate: async () => {
          const open = await sessions.look(sid, tenant);
          return open
            ? { secondFactor: withSecond(open.methods) }
            : unauthenticated('The session has ended. Sign in again.');
        },
      };
    },
  };
}
