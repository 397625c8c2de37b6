import { command, instant, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { holderKind } from '../grant/grant.events.js';

const conflictId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, 'Use small letters, digits and dashes, at most 60.')
  .describe('A short name: give-and-post');
const permission = z.string().min(1).max(100).describe('accounting.entry.post');
const facts = {
  risk: plainText(500, 1, 'Say what could happen.'),
  mitigation: plainText(1000).optional(),
};

export const setConflict = command('identity.conflict.set', {
  title: 'Set a conflict rule',
  description:
    'Two permissions that do not belong in one hand. Of a rule that is there, what is left out stays as it is.',
  http: 'PUT /v1/identity/conflicts/{conflictId}',
  says: 'set the conflict rule {conflictId}',
  sensitive: true,
  approvable: { widens: true, summary: ({ conflictId: id }) => `Conflict rule ${String(id)}` },
  ifMatch: 'optional',
  input: z.object({
    conflictId,
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
export const removeConflict = command('identity.conflict.remove', {
  title: 'Remove a conflict rule',
  http: 'POST /v1/identity/conflicts/{conflictId}/removal',
  says: 'removed the conflict rule {conflictId}',
  sensitive: true,
  approvable: { widens: true, summary: ({ conflictId: id }) => `Removal of the conflict rule ${String(id)}` },
  input: z.object({ conflictId }),
});

export const conflictRow = z
  .object({
    conflictId: z.string(),
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
  .meta({ id: 'ConflictRule' });
export const listConflicts = query('identity.conflict.list', {
  title: 'List the conflict rules',
  http: 'GET /v1/identity/conflicts',
  support: true,
  permission: 'identity.conflict.read',
  input: z.object({}),
  output: z.object({ items: z.array(conflictRow) }),
  rows: 'items',
});

const through = z.object({ grantId: z.uuid(), role: z.string(), roleName: z.string() }).meta({ id: 'ViolatingGrant' });
export const violationRow = z
  .object({
    conflictId: z.string(),
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
  .meta({ id: 'Violation' });
export const listViolations = query('identity.violation.list', {
  title: 'List who holds conflicting permissions',
  description: 'Each with the grants that lead to it, since when, and what makes up for it.',
  http: 'GET /v1/identity/violations',
  support: true,
  permission: 'identity.violation.read',
  input: z.object({}),
  output: z.object({ items: z.array(violationRow) }),
  rows: 'items',
});

export const conflictCommands = [setConflict, removeConflict] as const;
