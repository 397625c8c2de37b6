import * as z from 'zod';

/** The kinds of credentials of a person, and what changed. */
export const credentialKind = z.enum(['password', 'totp', 'recovery-codes', 'passkey', 'sso-account']);
export type CredentialKind = z.infer<typeof credentialKind>;
export const credentialChange = z.enum(['added', 'removed', 'changed']);
export type CredentialChange = z.infer<typeof credentialChange>;
