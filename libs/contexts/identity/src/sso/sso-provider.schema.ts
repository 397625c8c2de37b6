import * as z from 'zod';

/** What stands behind the @ of an e-mail address, as DNS writes it (RFC 1035); kept in lower case. */
export const emailDomain = z
  .string()
  .max(253)
  .toLowerCase()
  .regex(
    /^([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$/,
    'Write what stands behind the @, as in fjord.example.',
  );
/** Where providers write the address of a person; Microsoft Entra has it in `preferred_username` and `upn`. */
export const emailClaims = ['email', 'preferred_username', 'upn'] as const;
/** Most domains of one provider. */
export const mostDomains = 20;

/** The domain of what is typed as an address; null as long as it is none. */
export function domainOf(email: string): string | null {
  const parsed = emailDomain.safeParse(/@([^@]+)$/.exec(email.trim())?.[1]);
  return parsed.success ? parsed.data : null;
}
