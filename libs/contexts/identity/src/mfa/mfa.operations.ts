import { command, instant, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';

/*
 * A person's own credentials: password, authenticator app, recovery codes, passkeys. Adding or removing one needs step-up.
 */
const passkey = z
  .object({
    passkeyId: z.uuid(),
    name: z.string().nullable(),
    createdAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
    synced: z.boolean().nullable().describe('Synchronised by a password manager rather than bound to one device'),
  })
  .meta({ id: 'OwnPasskey' });
const recoveryCodes = z.array(z.string()).describe('Shown only once. Each works for one sign-in.');
const changed = z.object({ changed: z.literal(true) });

export const listOwnMfaMethods = query('identity.own-mfa-method.list', {
  title: 'List your ways to sign in',
  description:
    'After a sign-in by SSO alone, this lists only which methods exist, so that the person can step up with one; dates, names and numbers are null.',
  http: 'GET /v1/identity/own/mfa-methods',
  permission: 'identity.own-mfa-method.list',
  scope: 'caller',
  currentOnly: true,
  input: z.object({}),
  output: z
    .object({
      password: z.object({ changedAt: instant.nullable() }).meta({ id: 'OwnPassword' }).nullable(),
      totp: z.object({ since: instant.nullable() }).meta({ id: 'OwnTotp' }).nullable(),
      recoveryCodesLeft: z.int().nullable(),
      passkeys: z.array(passkey),
    })
    .meta({ id: 'OwnMfaMethods' }),
});
export type OwnMfaMethods = z.infer<(typeof listOwnMfaMethods)['output']>;

export const addTotp = command('identity.own-totp.add', {
  title: 'Add an authenticator app',
  description: 'It is active once a code from it is confirmed.',
  http: 'POST /v1/identity/own/totp',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'started to add an authenticator app',
  input: z.object({}),
  output: z.object({
    secret: z.string().describe('Base32, to type in where the QR code cannot be scanned'),
    uri: z.string().describe('otpauth:// address, for the QR code'),
  }),
});
export const confirmTotp = command('identity.own-totp.confirm', {
  title: 'Confirm the authenticator app',
  http: 'POST /v1/identity/own/totp/confirmation',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  says: 'added an authenticator app',
  input: z.object({
    code: z
      .string()
      .trim()
      .regex(/^\d{3} ?\d{3}$/, 'Enter the six digits of the code.'),
  }),
  output: z.object({ recoveryCodes }),
});
export const removeTotp = command('identity.own-totp.remove', {
  title: 'Remove the authenticator app',
  description:
    'Removing the last second factor also removes the recovery codes. Ends all other sessions of the person.',
  http: 'POST /v1/identity/own/totp/removal',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'removed the authenticator app',
  input: z.object({}),
  output: changed,
});
export const generateRecoveryCodes = command('identity.own-recovery-codes.generate', {
  title: 'Make new recovery codes',
  description: 'The old ones stop working.',
  http: 'POST /v1/identity/own/recovery-codes',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'made new recovery codes',
  input: z.object({}),
  output: z.object({ recoveryCodes }),
});
export const newPasskeyOptions = command('identity.own-passkey.options', {
  title: 'Start to add a passkey',
  http: 'POST /v1/identity/own/passkeys/options',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'started to add a passkey',
  input: z.object({}),
  output: z.object({
    ticket: z.string().describe('Send it back with the answer; valid once, for five minutes'),
    options: z.record(z.string(), z.unknown()).describe('PublicKeyCredentialCreationOptionsJSON of WebAuthn'),
  }),
});
export const addPasskey = command('identity.own-passkey.add', {
  title: 'Add a passkey',
  http: 'POST /v1/identity/own/passkeys',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  says: 'added a passkey',
  input: z.object({
    ticket: z.string().min(1).max(100),
    name: oneLine(60, 'Give it a name, so that you can recognise it.'),
    response: z.record(z.string(), z.unknown()).describe('The answer of navigator.credentials.create, as JSON'),
  }),
  output: z.object({
    passkeyId: z.uuid(),
    recoveryCodes: recoveryCodes.describe(
      'Generated with the first second factor; empty if there are recovery codes already',
    ),
  }),
});
export const removePasskey = command('identity.own-passkey.remove', {
  title: 'Remove a passkey',
  description: 'Ends all other sessions of the person.',
  http: 'POST /v1/identity/own/passkeys/{passkeyId}/removal',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'removed a passkey',
  input: z.object({ passkeyId: z.uuid() }),
  output: changed,
});
export const setOwnName = command('identity.own-name.set', {
  title: 'Change your name',
  http: 'PUT /v1/identity/own/name',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  says: 'changed the name',
  input: z.object({ name: oneLine(200) }),
  output: changed,
});
