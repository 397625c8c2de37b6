import { command, guarded, instant, pageInput, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';

/** The longest time a consent may last. */
export const maxDelegatedAccessHours = 72;

/** How approval rules and the inbox describe a consent. */
export const delegatedAccessApprovable = {
  widens: true,
  readBy: 'identity.delegated-access-consent.read',
  summary: ({ hours }: Record<string, unknown>) => `Delegated access for ${String(hours)} hours`,
};

export const allowDelegatedAccess = command('identity.delegated-access.allow', {
  title: 'Allow somebody to act for you',
  description:
    'The person with this e-mail address may act in your name in this tenant until then, once they have signed in ' +
    'anywhere. They have your rights, except over your account and where a recent sign-in is required. Every event ' +
    'names both of you. The answer is the same whether or not an account has this address.',
  http: 'POST /v1/identity/delegated-access',
  says: 'allowed delegated access',
  scope: 'caller',
  sensitive: true,
  // The delegate may use these rights from then on.
  approvable: { ...delegatedAccessApprovable, step: 'identity.delegated-access.record' },
  input: z.object({
    email: z.email('Give an e-mail address.').max(254).describe('The e-mail address of your delegate'),
    hours: z.int().min(1).max(maxDelegatedAccessHours),
    reason,
  }),
});
export const endDelegatedAccess = command('identity.delegated-access.end', {
  title: 'End delegated access that you allowed',
  http: 'POST /v1/identity/delegated-access/{delegatedAccessId}/end',
  says: 'ended delegated access',
  scope: 'caller',
  input: z.object({ delegatedAccessId: z.uuid() }),
});
export const withdrawDelegatedAccessConsent = command('identity.delegated-access-consent.withdraw', {
  title: 'Withdraw delegated access',
  description: 'Ends any delegated access in the tenant, no matter who allowed it.',
  http: 'POST /v1/identity/delegated-access-consents/{delegatedAccessId}/withdrawal',
  says: 'withdrew delegated access',
  input: z.object({ delegatedAccessId: z.uuid(), reason }),
});

export const enteredDelegatedAccess = z
  .object({
    accessToken: z.string().describe('Acts for the person. Enter again for a new one'),
    expiresAt: instant,
    until: instant.describe('When the consent ends'),
    person: z.object({ id: z.uuid(), name: z.string().nullable() }).meta({ id: 'DelegatingPerson' }),
    tenant: z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'DelegatingTenant' }),
  })
  .meta({ id: 'EnteredDelegatedAccess' });

export const enterDelegatedAccess = command('identity.delegated-access.enter', {
  title: 'Act for somebody who allowed it',
  description:
    'Returns an access token that acts for the person who allowed it and names you as well. It cannot be renewed.',
  http: 'POST /v1/identity/session/delegated-access',
  says: 'began to act for a person',
  scope: 'caller',
  sensitive: true,
  acceptsIdempotencyKey: false,
  input: z.object({ delegatedAccessId: z.uuid() }),
  output: enteredDelegatedAccess,
});

export const delegatedAccessCommands = [endDelegatedAccess, withdrawDelegatedAccessConsent] as const;
const address = guarded(z.string().nullable(), 'identity.person.email', 'E-mail address of a person');
const status = z.enum(['open', 'ended', 'expired']);

export const ownDelegatedAccess = z
  .object({
    delegatedAccessId: z.uuid(),
    direction: z.enum(['given', 'received']).describe('given: you allowed it. received: somebody allowed you'),
    email: address.describe('Your delegate; null for received access'),
    personName: z.string().nullable().describe('The person you may act for; null for given access'),
    tenantName: z.string(),
    reason: z.string(),
    allowedAt: instant,
    until: instant,
    status,
    endedAt: instant.nullable(),
    enteredAt: instant.nullable().describe('The last time it was used'),
  })
  .meta({ id: 'OwnDelegatedAccess' });

export const listDelegatedAccess = query('identity.delegated-access.list', {
  title: 'List delegated access that you gave or received',
  description: 'Access that you gave in this tenant and received in any tenant, over the last 90 days.',
  http: 'GET /v1/identity/delegated-access',
  permission: 'identity.delegated-access.list',
  scope: 'caller',
  input: z.object({}),
  output: z.object({ items: z.array(ownDelegatedAccess) }),
  rows: 'items',
});

export const delegatedAccessRow = z
  .object({
    delegatedAccessId: z.uuid(),
    personId: z.uuid(),
    delegateId: z.uuid().nullable().describe('null until the delegate enters'),
    reason: z.string(),
    allowedAt: instant,
    until: instant,
    endedAt: instant.nullable(),
    endedBy: z.enum(['person', 'admin']).nullable(),
    enteredAt: instant.nullable().describe('The last time it was used'),
    entries: z.int().describe('How often it was used'),
    version: z.int(),
  })
  .meta({ id: 'DelegatedAccessData' });
export const delegatedAccessConsent = delegatedAccessRow
  .extend({
    personName: z.string().nullable(),
    email: address.describe('The delegate as the person named them; null some time after the end'),
    status,
  })
  .meta({ id: 'DelegatedAccessConsent' });

export const listDelegatedAccessConsents = query('identity.delegated-access-consent.list', {
  title: 'List all delegated access in the tenant',
  http: 'GET /v1/identity/delegated-access-consents',
  permission: 'identity.delegated-access-consent.read',
  input: z.object({ personId: z.uuid().optional(), ...pageInput }),
  output: pageOf(delegatedAccessConsent),
  rows: 'items',
});
