import { command, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';

/*
 * The tenant is always the caller's own, so it is part of no address and no input. Creating one is a step of setting up
 * and of founding another tenant: an internal command, whose route is only a name and never served.
 */
const webAddress = /:\/\/|\bwww\.|[^\s/]\.\p{L}{2,}\//iu;
/** The name appears in e-mails to strangers, so it must not contain a link. */
const name = oneLine(100, 'Give the tenant a name.').refine(
  (text) => !webAddress.test(text.normalize('NFKC')),
  'A name cannot contain a web address, because it appears in e-mails.',
);

export const createTenant = command('identity.tenant.create', {
  title: 'Create another tenant',
  description: 'A separate tenant with its own people and books. You become its Admin; sign in to it afterwards.',
  http: 'POST /v1/identity/tenants',
  sensitive: true,
  says: 'created the tenant {name}',
  input: z.object({ name }),
});
export const renameTenant = command('identity.tenant.rename', {
  title: 'Rename the tenant',
  http: 'PUT /v1/identity/tenant',
  sensitive: true,
  says: 'renamed the tenant to {name}',
  ifMatch: 'optional',
  input: z.object({ name }),
});

export const readPolicy = query('identity.policy.read', {
  title: 'Read the policy',
  http: 'GET /v1/identity/policy',
  delegated: true,
  permission: 'identity.policy.read',
  input: z.object({}),
  output: z.object({ mfaRequired: z.boolean(), version: z.int() }).meta({ id: 'Policy' }),
});
export const setPolicy = command('identity.policy.set', {
  title: 'Set the policy',
  description: 'If a second factor is required, people who signed in without one can use only their own account.',
  http: 'PUT /v1/identity/policy',
  says: 'set the policy',
  sensitive: true,
  approvable: {
    widens: true,
    summary: ({ mfaRequired }) =>
      mfaRequired === true ? 'Policy: a second factor is required' : 'Policy: no second factor is required',
  },
  ifMatch: 'optional',
  input: z.object({ mfaRequired: z.boolean().describe('Whether signing in requires a second factor') }),
});

export const tenantCommands = [renameTenant, setPolicy] as const;
