import { command } from '@daybook/kernel';
import * as z from 'zod';

/* What people do by an e-mail link. The answers never reveal whether an address is known. */
const email = z.email('Give an e-mail address.').max(254);
const token = z.string().min(1).max(200).describe('The part of the e-mail link after #token=');

export const resetMinutes = 60;
export const emailChangeMinutes = 24 * 60;

export const askPasswordReset = command('identity.password.reset', {
  title: 'Request a password reset',
  description: `Mails a link that is valid for ${resetMinutes} minutes, if the address is known. The answer is the same for every address.`,
  http: 'POST /v1/identity/password/reset',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'requested a password reset',
  input: z.object({ email }),
  output: z.object({ requested: z.literal(true) }),
});
export const finishPasswordReset = command('identity.password.reset-finish', {
  title: 'Set a new password by an e-mail link',
  description: 'Ends all sessions of the person. The next sign-in still requires their second factor.',
  http: 'POST /v1/identity/password/reset/finish',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'set a new password',
  input: z.object({ token, password: z.string().min(1).max(200) }),
  output: z.object({ changed: z.literal(true) }),
});

export const askEmailChange = command('identity.own-email.change', {
  title: 'Change your e-mail address',
  description:
    'Mails a link to the new address, and a notice to the current one. The change takes effect when the link is used.',
  http: 'POST /v1/identity/own/email',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'requested a change of the e-mail address',
  input: z.object({ email }),
  output: z.object({ requested: z.literal(true) }),
});
export const confirmEmail = command('identity.email.confirm', {
  title: 'Confirm an e-mail address by an e-mail link',
  http: 'POST /v1/identity/email',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'confirmed an e-mail address',
  input: z.object({ token }),
  output: z.object({ changed: z.literal(true) }),
});
