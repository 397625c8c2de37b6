import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { accessTokenSeconds, audience, issuer } from '../session/access-tokens.js';
import type { SigningKeys } from '../session/signing-keys.js';
import type { VerifiedTokens } from '../session/verified-tokens.js';

/*
 * Tokens of delegates (RFC 8693: `sub` is the person, `act.sub` the delegate). Their type differs from that of access
 * tokens, so neither passes as the other.
 */
const type = 'delegation+jwt';
const algorithm = 'ES256';

export const delegationClaims = z.object({
  sub: z.uuid(),
  tenant: z.uuid(),
  act: z.object({ sub: z.uuid() }),
  consent: z.uuid(),
  /** The delegate's own session and its tenant: this token ends with it. */
  sid: z.uuid(),
  home: z.uuid(),
  exp: z.int(),
});
export type DelegationClaims = z.infer<typeof delegationClaims>;

export async function signDelegationToken(
  keys: Pick<SigningKeys, 'active'>,
  { sub, ...claims }: Omit<DelegationClaims, 'exp'>,
  until: string,
  now = Date.now(),
): Promise<{ token: string; expiresAt: string }> {
  const { kid, privateKey } = await keys.active();
  const issuedAt = Math.floor(now / 1000);
  const expires = Math.min(issuedAt + accessTokenSeconds, Math.floor(Date.parse(until) / 1000));
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: type, kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(sub)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(privateKey);
  return { token, expiresAt: new Date(expires * 1000).toISOString() };
}

export function isDelegationToken(bearer: string): boolean {
  try {
    return decodeProtectedHeader(bearer).typ === type;
  } catch {
    return false;
  }
}

/** The claims, or null for an invalid token. Our own failures (the database) are thrown. */
export async function verifyDelegationToken(
  keys: Pick<SigningKeys, 'publicKey'>,
  known: VerifiedTokens<DelegationClaims>,
  token: string,
  now = Date.now(),
): Promise<DelegationClaims | null> {
  const { kid } = decodeProtectedHeader(token);
  const key = kid === undefined ? null : await keys.publicKey(kid);
  return key && known.claims(token, () => checked(token, key, now));
}

async function checked(token: string, key: KeyObject, now: number): Promise<DelegationClaims | null> {
  const verified = await jwtVerify(token, key, {
    algorithms: [algorithm],
    typ: type,
    issuer,
    audience,
    currentDate: new Date(now),
    requiredClaims: ['exp'],
  }).catch(() => null);
  const claims = delegationClaims.safeParse(verified?.payload);
  return claims.success ? claims.data : null;
}
