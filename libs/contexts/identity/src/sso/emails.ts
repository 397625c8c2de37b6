import * as z from 'zod';
import { domainOf, type emailClaims } from './sso-provider.schema.js';

/** Which claim of a provider names the person, and when its address counts. */
export interface AddressRule {
  readonly emailClaim: (typeof emailClaims)[number];
  /** An address of one of the domains counts although the provider does not say that it verified it. */
  readonly trustsAddresses: boolean;
  readonly domains: readonly string[];
}

type Claims = Readonly<Record<string, unknown>>;
const address = z.email().max(320);

/** Some providers write the claim as text. */
const isSaid = (said: unknown, what: 'true' | 'false'): boolean =>
  (typeof said === 'boolean' || typeof said === 'string') && String(said).toLowerCase() === what;

/**
 * The address that names the person. null: there is one, and it does not count; undefined: these claims do not tell, others
 * may. `email_verified` speaks of `email` alone (OpenID Connect Core 5.1), and whoever says false is believed.
 */
export function emailIn(
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
