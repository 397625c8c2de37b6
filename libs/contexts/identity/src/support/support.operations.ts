import {
  command,
  type CommandOf,
  type CommandOperation,
  guarded,
  instant,
  pageInput,
  pageOf,
  query,
} from '@daybook/kernel';
import * as z from 'zod';
import { reason } from '../reason.schema.js';

/** Longest time a consent holds. */
export const mostSupportHours = 72;

/** What a rule of approval and an inbox say of a consent. */
const supportInWords = {
  widens: true,
  summary: ({ hours }: Record<string, unknown>) => `Support access for ${String(hours)} hours`,
};

export const allowSupport = command('identity.support.allow', {
  title: 'Allow somebody to act for you',
  description:
    'The person with this address, once signed in anywhere, may act in your name here until then: with your rights, ' +
    'but neither on your account nor where a recent sign-in is needed. Both names stand on all that is done. The answer ' +
    'is the same whether or not anybody has the address.',
  http: 'POST /v1/identity/support',
  says: 'allowed support access',
  scope: 'caller',
  sensitive: true,
  // Whoever is named may use these rights from then on.
  approvable: { ...supportInWords, step: (): CommandOperation => recordSupport },
  input: z.object({
    email: z.email('Give an e-mail address.').max(254).describe('Of the one who shall help'),
    hours: z.int().min(1).max(mostSupportHours),
    reason,
  }),
});
export const endSupport = command('identity.support.end', {
  title: 'End support access you allowed',
  http: 'POST /v1/identity/support/{supportId}/end',
  says: 'ended support access',
  scope: 'caller',
  input: z.object({ supportId: z.uuid() }),
});
export const stopSupport = command('identity.consent.stop', {
  title: 'Stop support access',
  description: 'Any support access in the tenant, whoever allowed it.',
  http: 'POST /v1/identity/supports/{supportId}/end',
  says: 'stopped support access',
  input: z.object({ supportId: z.uuid(), reason }),
});

export const enteredSupport = z
  .object({
    accessToken: z.string().describe('Acts for the person; enter again for another one'),
    expiresAt: instant,
    until: instant.describe('When the consent ends'),
    person: z.object({ id: z.uuid(), name: z.string().nullable() }).meta({ id: 'SupportedPerson' }),
    tenant: z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'SupportTenant' }),
  })
  .meta({ id: 'EnteredSupport' });

export const enterSupport = command('identity.support.enter', {
  title: 'Act for somebody who allowed it',
  description: 'Answers an access token of the person who allowed it, which names you too. It cannot be renewed.',
  http: 'POST /v1/identity/session/support',
  says: 'began to act for a person',
  scope: 'caller',
  sensitive: true,
  keyed: false,
  input: z.object({ supportId: z.uuid() }),
  output: enteredSupport,
});

/* Steps of allowing and entering, bound as internal commands. */
export const recordSupport = command('identity.support.record', {
  title: allowSupport.title,
  http: 'POST /v1/identity/support/record',
  permission: allowSupport.permission,
  scope: 'caller',
  sensitive: true,
  says: 'allowed support access',
  approvable: { ...supportInWords, about: ({ memberId }) => (typeof memberId === 'string' ? memberId : null) },
  input: z.object({
    supportId: z.uuid(),
    personId: z.uuid(),
    hours: z.int(),
    reason: z.string(),
    memberId: z.uuid().optional().describe('The supporter, where they are an active member here: known here anyway'),
  }),
});
export const recordSupportEntry = command('identity.support.record-entry', {
  title: 'Record that support began',
  http: 'POST /v1/identity/support/{supportId}/entries',
  says: 'began to act for a person',
  input: z.object({ supportId: z.uuid() }),
});

export const supportCommands = [endSupport, stopSupport] as const;
export const supportSteps = [recordSupport, recordSupportEntry] as const;
export type SupportCommand = CommandOf<(typeof supportCommands)[number] | (typeof supportSteps)[number]>;

const address = guarded(z.string().nullable(), 'identity.person.email', 'E-mail address of a person');
const status = z.enum(['open', 'ended', 'expired']);

export const ownSupport = z
  .object({
    supportId: z.uuid(),
    direction: z.enum(['given', 'received']).describe('By you, or to you'),
    email: address.describe('Whom you named; null for what was given to you'),
    personName: z.string().nullable().describe('Who allows you to act for him; null for what you gave'),
    tenantName: z.string(),
    reason: z.string(),
    allowedAt: instant,
    until: instant,
    status,
    endedAt: instant.nullable(),
    enteredAt: instant.nullable().describe('The last time it was used'),
  })
  .meta({ id: 'OwnSupport' });

export const listOwnSupport = query('identity.support.list', {
  title: 'List support access you allowed or were allowed',
  description: 'What you allowed in this tenant, and what others allowed you in any tenant, of the last 90 days.',
  http: 'GET /v1/identity/support',
  permission: 'identity.support.list',
  scope: 'caller',
  input: z.object({}),
  output: z.object({ items: z.array(ownSupport) }),
  rows: 'items',
});

export const supportRow = z
  .object({
    supportId: z.uuid(),
    personId: z.uuid(),
    supporterId: z.uuid().nullable().describe('null until the supporter has entered'),
    reason: z.string(),
    allowedAt: instant,
    until: instant,
    endedAt: instant.nullable(),
    endedBy: z.enum(['person', 'admin']).nullable(),
    enteredAt: instant.nullable().describe('The last time it was used'),
    entries: z.int().describe('How often it was used'),
    version: z.int(),
  })
  .meta({ id: 'SupportFacts' });
export const listedSupport = supportRow
  .extend({
    personName: z.string().nullable(),
    email: address.describe('Whom the person named; null some time after the end'),
    status,
  })
  .meta({ id: 'Support' });

export const listSupport = query('identity.consent.list', {
  title: 'List all support access in the tenant',
  http: 'GET /v1/identity/supports',
  permission: 'identity.consent.read',
  input: z.object({ personId: z.uuid().optional(), ...pageInput }),
  output: pageOf(listedSupport),
  rows: 'items',
});
