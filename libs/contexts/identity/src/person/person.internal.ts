import { command, oneLine, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { mfaSteps } from '../mfa/mfa.internal.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const email = z.email('Give an e-mail address.').max(254);

export const registerPerson = command('identity.person.register', {
  title: 'Register a person',
  http: 'POST /v1/identity/people',
  says: 'registered a person',
  input: z.object({
    name: oneLine(200),
    email,
    personId: z.uuid().optional().describe('Default: derived from the address'),
  }),
});
export const joinTenant = command('identity.person.join', {
  title: 'Allow a person to sign in to a tenant',
  http: 'POST /v1/identity/people/{personId}/tenants',
  says: 'allowed a person to sign in to a tenant',
  input: z.object({ personId: z.uuid(), tenantId: z.uuid() }),
});
/** The last step of `identity.person.erase`. */
export const forgetPerson = command('identity.person.forget', {
  title: 'Close the record of an erased person',
  http: 'POST /v1/identity/people/{personId}/forgetting',
  says: 'erased a person',
  input: z.object({ personId: z.uuid() }),
});
export const changeEmail = command('identity.email.change', {
  title: 'Change the e-mail address of a person',
  http: 'PUT /v1/identity/people/{personId}/email',
  says: 'changed the e-mail address',
  input: z.object({ personId: z.uuid(), email }),
});

export const personSteps = [registerPerson, joinTenant, changeEmail, forgetPerson, ...mfaSteps] as const;
export type PersonCommand = CommandOf<(typeof personSteps)[number]>;
