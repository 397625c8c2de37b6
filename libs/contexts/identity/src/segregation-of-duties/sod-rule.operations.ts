import { command, instant, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { holderKind } from '../grant/grant.events.js';

const ruleId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'Use small letters, digits and dashes, at most 60.')
  .describe('A short name: give-and-post');
const permission = z.string().min(1).max(100).describe('accounting.entry.post');
const facts = {
  risk: plainText(500, 1, 'Say what could happen.'),
  mitigation: plainText(1000).optional(),
};

export const setSodRule = command('identity.sod-rule.set', {
  title: 'Set a segregation of duties rule',
  description:
    'Two permissions that do not belong in one hand. Of a rule that is there, what is left out stays as it is.',
  http: 'PUT /v1/identity/sod-rules/{ruleId}',
  says: 'set the segregation of duties rule {ruleId}',
  sensitive: true,
  approvable: { widens: true, summary: ({ ruleId: id }) => `Segregation of duties rule ${String(id)}` },
  ifMatch: 'optional',
  input: z.object({
    ruleId,
    first: permission.optional(),
    second: permission.optional(),
    risk: facts.risk.optional(),
    mitigation: facts.mitigation.nullable().describe('What may make up for it; null: nothing does'),
    onDocument: z
      .boolean()
      .optional()
      .describe(
        'true: both may be held by one person, and never used by that person on one document; a new rule: false',
      ),
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
    builtIn: z.boolean().describe('Comes with the program and was not changed here'),
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
    mitigation: z.string().nullable().describe('What was said to make up for it when it was given'),
  })
  .meta({ id: 'SodViolation' });
export const listSodViolations = query('identity.sod-violation.list', {
  title: 'List who holds conflicting permissions',
  description: 'Each with the grants that lead to it, since when, and what makes up for it.',
  http: 'GET /v1/identity/sod-violations',
  delegated: true,
  permission: 'identity.sod-violation.read',
  input: z.object({}),
  output: z.object({ items: z.array(sodViolationRow) }),
  rows: 'items',
});

export const sodRuleCommands = [setSodRule, removeSodRule] as const;
