import { command } from '@daybook/kernel';
import * as z from 'zod';

/* What a person does by a link that was mailed to him. The answers never tell whether an address is known. */
const email = z.email('Give an e-mail address.').max(254);
const token = z.string().min(1).max(200).describe('What stands after #token= in the link of the mail');

export const resetMinutes = 60;
export const emailChangeMinutes = 24 * 60;

export const askPasswordReset = command('identity.password.reset', {
  title: 'Ask for a new password',
  description: `Mails a link that is good for ${resetMinutes} minutes, if the address is known. The answer is the same for every address.`,
  http: 'POST /v1/identity/password/reset',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'asked for a new password',
  input: z.object({ email }),
  output: z.object({ asked: z.literal(true) }),
});
export const finishPasswordReset = command('identity.password.reset-finish', {
  title: 'Set a new password by a link',
  description: 'Ends all sessions of the person. A second factor is asked for at the next sign-in as before.',
  http: 'POST /v1/identity/password/reset/finish',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'set a new password',
  input: z.object({ token, password: z.string().min(1).max(200) }),
  output: z.object({ changed: z.literal(true) }),
});

export const askEmailChange = command('identity.own-email.change', {
  title: 'Change your e-mail address',
  description: 'Mails a link to the new address, and a notice to the present one. The link makes the change.',
  http: 'POST /v1/identity/own/email',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'asked for another e-mail address',
  input: z.object({ email }),
  output: z.object({ asked: z.literal(true) }),
});
export const confirmEmail = command('identity.email.confirm', {
  title: 'Confirm an e-mail address by a link',
  http: 'POST /v1/identity/email',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'confirmed an e-mail address',
  input: z.object({ token }),
  output: z.object({ changed: z.literal(true) }),
});

/* A step of the above, bound as an internal command: its route is a name only and never served. */
export const changeEmail = command('identity.email.change', {
  title: 'Change the e-mail address of a person',
  http: 'PUT /v1/identity/people/{personId}/email',
  says: 'changed the e-mail address',
  input: z.object({ personId: z.uuid(), email }),
});
