import * as z from 'zod';
import { domainOf, type emailClaims } from './sso-provider.schema.js';

/** Which claim of a provider identifies the person, and when its address is accepted. */
export interface AddressRule {
  readonly emailClaim: (typeof emailClaims)[number];
  /** Accepts addresses of the domains that the provider does not report as verified. */
  readonly trustsAddresses: boolean;
  readonly domains: readonly string[];
}

type Claims = Readonly<Record<string, unknown>>;
const address = z.email().max(320);

/** Some providers send the claim as text. */
const isSaid = (said: unknown, what: 'true' | 'false'): boolean =>
  (typeof said === 'boolean' || typeof said === 'string') && String(said).toLowerCase() === what;

/**
 * The address that identifies the person. null: there is one, but it is not accepted; undefined: these claims do not decide,
 * others may. `email_verified` is about `email` only (OpenID Connect Core 5.1), and false always refuses.
 */
export function emailFromClaims(
  claims: Claims,
  { emailClaim, trustsAddresses, domains }: AddressRule,
): string | null | undefined {
  const said = address.safeParse(claims[emailClaim]);
  const verified = claims['email_verified'];
  if (isSaid(verified, 'false')) return null;
  if (!said.success) return undefined;
  if (emailClaim === 'email' && isSaid(verified, 'true')) return said.data;
  const domain = domainOf(said.data);
  return trustsAddresses && domain !== null && domains.includes(domain) ? said.data : undefined;
}
