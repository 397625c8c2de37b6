import * as z from 'zod';

/**
 * NIST SP 800-63B and ASVS 6.2: length counts, and what everybody takes is refused (`passwordProblem`, on the server);
 * no rule asks for digits or capitals. Every place where a password is set takes this schema.
 */
export const passwordLength = { min: 8, max: 128 } as const;
export const newPassword = z
  .string()
  .min(passwordLength.min, `Use at least ${passwordLength.min} characters.`)
  .max(passwordLength.max, `Use at most ${passwordLength.max} characters.`);

/** How a person authenticated; `sso-mfa`: by a provider that says it asked for a second factor. */
export const signInMethod = z.enum(['password', 'totp', 'recovery-code', 'passkey', 'sso', 'sso-mfa']);
export type SignInMethod = z.infer<typeof signInMethod>;

const second: ReadonlySet<SignInMethod> = new Set(['totp', 'recovery-code', 'passkey', 'sso-mfa']);
/** Did the person show more than one factor? A passkey with user verification is two: the device, and what unlocks it. */
export const withSecond = (methods: readonly SignInMethod[]): boolean => methods.some((method) => second.has(method));

const vouched: ReadonlySet<SignInMethod> = new Set(['sso', 'sso-mfa']);
/**
 * Did the person use a credential of their own? An SSO provider belongs to one tenant and opens sessions there only. It does
 * not lead to other tenants and is no step-up, or the operator of a provider could impersonate its members everywhere.
 */
export const provedHere = (methods: readonly SignInMethod[]): boolean => methods.some((method) => !vouched.has(method));

/** Second factors that sign-in asks for after the password. */
export const secondFactor = z.enum(['totp', 'recovery-code', 'passkey']);
export type SecondFactor = z.infer<typeof secondFactor>;

/** Why a session ended. One that expires, after 7 days without use or 30 days in all, has no recorded end. */
export const endReason = z.enum([
  'signed-out',
  'ended-by-person',
  'ended-by-admin',
  'password-changed',
  'password-reset',
  'mfa-method-removed',
  'token-reused',
  'deactivated',
  'erased',
]);
export type EndReason = z.infer<typeof endReason>;

/** An answer of the browser's passkeys (AuthenticationResponseJSON of WebAuthn), with the ticket of its options. */
export const assertion = z
  .object({
    ticket: z.string().min(1).max(100),
    response: z.record(z.string(), z.unknown()).describe('The result of navigator.credentials.get, as JSON'),
  })
  .meta({ id: 'PasskeyAnswer' });
export type Assertion = z.infer<typeof assertion>;

export const assertionOptions = z.object({
  ticket: z.string().describe('Send it back with the answer; valid once, for five minutes'),
  options: z.record(z.string(), z.unknown()).describe('PublicKeyCredentialRequestOptionsJSON of WebAuthn'),
});
