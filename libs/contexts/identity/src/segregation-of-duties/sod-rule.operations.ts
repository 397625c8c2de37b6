import { command, instant, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { holderKind } from '../grant/grant.events.js';

const ruleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'Use up to 60 lower-case letters, digits and dashes.')
  .describe('A short name: give-and-post');
const permission = z.string().min(1).max(100).describe('accounting.entry.post');
const ruleInput = {
  risk: plainText(500, 1, 'Describe the risk.'),
  mitigation: plainText(1000).optional(),
};

export const setSodRule = command('identity.sod-rule.set', {
  title: 'Set a segregation of duties rule',
  description:
    'Names two permissions that one person should not hold. Fields you leave out of an existing rule stay unchanged.',
  http: 'PUT /v1/identity/sod-rules/{ruleId}',
  says: 'set the segregation of duties rule {ruleId}',
  sensitive: true,
  approvable: { widens: true, summary: ({ ruleId: id }) => `Segregation of duties rule ${String(id)}` },
  ifMatch: 'optional',
  input: z.object({
    ruleId,
    first: permission.optional(),
    second: permission.optional(),
    risk: ruleInput.risk.optional(),
    mitigation: ruleInput.mitigation.nullable().describe('The control that may compensate; null: none does'),
    onDocument: z
      .boolean()
      .optional()
      .describe('true: one person may hold both, but not use them on the same document. Default for a new rule: false'),
  }),
});
export const removeSodRule = command('identity.sod-rule.remove', {
  title: 'Remove a segregation of duties rule',
  http: 'POST /v1/identity/sod-rules/{ruleId}/removal',
  says: 'removed the segregation of duties rule {ruleId}',
  sensitive: true,
  approvable: { widens: true, summary: ({ ruleId: id }) => `Removal of the segregation of duties rule ${String(id)}` },
  input: z.object({ ruleId }),
});

export const sodRuleRow = z
  .object({
    ruleId: z.string(),
    first: z.string(),
    firstTitle: z.string(),
    second: z.string(),
    secondTitle: z.string(),
    risk: z.string(),
    mitigation: z.string().nullable(),
    onDocument: z.boolean(),
    builtIn: z.boolean().describe('Built in, and not changed by this tenant'),
    version: z.int(),
  })
  .meta({ id: 'SodRule' });
export const listSodRules = query('identity.sod-rule.list', {
  title: 'List the segregation of duties rules',
  http: 'GET /v1/identity/sod-rules',
  delegated: true,
  permission: 'identity.sod-rule.read',
  input: z.object({}),
  output: z.object({ items: z.array(sodRuleRow) }),
  rows: 'items',
});

const through = z
  .object({ grantId: z.uuid(), role: z.string(), roleName: z.string() })
  .meta({ id: 'SodViolatingGrant' });
export const sodViolationRow = z
  .object({
    ruleId: z.string(),
    risk: z.string(),
    holder: holderKind,
    holderId: z.uuid(),
    holderName: z.string().nullable(),
    first: z.string(),
    firstThrough: through,
    second: z.string(),
    secondThrough: through,
    since: instant,
    mitigation: z.string().nullable().describe('The compensating control named when the later role was given'),
  })
  .meta({ id: 'SodViolation' });
export const listSodViolations = query('identity.sod-violation.list', {
  title: 'List the violations of segregation of duties',
  description:
    'Who holds two incompatible permissions, through which grants, since when, and with which compensating control.',
  http: 'GET /v1/identity/sod-violations',
  delegated: true,
  permission: 'identity.sod-violation.read',
  input: z.object({}),
  output: z.object({ items: z.array(sodViolationRow) }),
  rows: 'items',
});

export const sodRuleCommands = [setSodRule, removeSodRule] as const;
