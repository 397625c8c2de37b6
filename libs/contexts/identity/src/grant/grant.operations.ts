import { command, instant, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { roleRef } from '../role.schema.js';
import { askedParty, listedParty } from './party.schema.js';
import { holderKind } from './grant.events.js';

export const giveGrant = command('identity.grant.give', {
  title: 'Give a role',
  description:
    'To a member or a service account, in the whole tenant or one company, with or without a last day. You cannot give ' +
    'yourself a role, and only an Admin can give permissions that they do not hold.',
  http: 'POST /v1/identity/grants',
  says: 'gave the role {role}',
  scope: 'tenant',
  sensitive: true,
  approvable: {
    widens: true,
    about: ({ holderId }) => String(holderId),
    summary: ({ role, companyId, until }) =>
      `Role ${String(role)} ${companyId === undefined ? 'in the whole tenant' : 'in one company'}` +
      (until === undefined ? '' : ` until ${String(until)}`),
  },
  input: z.object({
    holder: holderKind.default('person'),
    holderId: z.uuid(),
    role: roleRef,
    companyId: z.uuid().optional().describe('Default: the whole tenant'),
    ...askedParty,
    until: z.iso.date().optional().describe('The last day in force, in UTC'),
    mitigation: plainText(1000)
      .optional()
      .describe('The compensating control for two incompatible permissions of one holder'),
  }),
});
export const revokeGrant = command('identity.grant.revoke', {
  title: 'Revoke a role',
  http: 'POST /v1/identity/grants/{grantId}/revocation',
  says: 'revoked the role {role}',
  sensitive: true,
  input: z.object({ grantId: z.uuid(), reason: plainText(500, 1, 'Say why.') }),
});

export const grantRow = z
  .object({
    grantId: z.uuid(),
    holder: holderKind,
    holderId: z.uuid(),
    holderName: z.string().nullable(),
    role: z.string(),
    roleName: z.string(),
    companyId: z.uuid().nullable(),
    ...listedParty,
    until: z.iso.date().nullable(),
    mitigation: z.string().nullable(),
    givenAt: instant,
    givenBy: z.string().describe('The person, or the part of the system'),
  })
  .meta({ id: 'Grant' });
export type GrantRow = z.infer<typeof grantRow>;

export const listGrants = query('identity.grant.list', {
  title: 'List the grants',
  description: 'Grants that were not revoked, including expired ones, which give no rights.',
  http: 'GET /v1/identity/grants',
  delegated: true,
  permission: 'identity.grant.read',
  scope: 'tenant',
  input: z.object({
    holderId: z.uuid().optional(),
    role: roleRef.optional(),
    companyId: z.uuid().optional().describe('Includes grants for the whole tenant'),
  }),
  output: z.object({ items: z.array(grantRow) }),
  rows: 'items',
});

export const grantCommands = [giveGrant, revokeGrant] as const;
