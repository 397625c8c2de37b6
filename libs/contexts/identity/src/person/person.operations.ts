import { command, type CommandOf, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';
import { mfaSteps } from '../mfa/mfa.operations.js';
import { changeEmail } from '../email-link/email-link.operations.js';

/* Steps of setting up, bound as internal commands: their routes are names only and never served. */
export const registerPerson = command('identity.person.register', {
  title: 'Register a person',
  http: 'POST /v1/identity/people',
  says: 'registered a person',
  input: z.object({
    name: oneLine(200),
    email: z.email('Give an e-mail address.').max(254),
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

export const personSteps = [registerPerson, joinTenant, changeEmail, forgetPerson, ...mfaSteps] as const;
export type PersonCommand = CommandOf<(typeof personSteps)[number]>;

export const listPeople = query('identity.person.list', {
  title: 'List the people of the tenant',
  description: 'For the names of actors. A name is null once the person is erased.',
  http: 'GET /v1/identity/people',
  delegated: true,
  permission: 'identity.person.read',
  scope: 'caller',
  input: z.object({}),
  output: z.object({
    items: z.array(z.object({ id: z.uuid(), name: z.string().nullable(), role: z.string() }).meta({ id: 'Member' })),
  }),
  rows: 'items',
});
