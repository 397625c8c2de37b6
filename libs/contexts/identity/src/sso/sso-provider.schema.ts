import * as z from 'zod';

/** The part of an e-mail address behind the @, as a DNS name (RFC 1035), in lower case. */
export const emailDomain = z
  .string()
  .max(253)
  .toLowerCase()
  .regex(
    /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/,
    'Enter the part behind the @, such as fjord.example.',
  );
/** Claims that may contain the address of a person; Microsoft Entra uses `preferred_username` and `upn`. */
export const emailClaims = ['email', 'preferred_username', 'upn'] as const;
/** Maximum number of domains of a provider. */
export const maxDomains = 20;

/** The domain of an address while it is typed; null until it is complete. */
export function domainOf(email: string): string | null {
  const parsed = emailDomain.safeParse(/@([^@]+)$/.exec(email.trim())?.[1]);
  return parsed.success ? parsed.data : null;
}
