import { decimal, event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Which commands wait for a second person: one stream per tenant, `approvals.rules-{tenant}-{tenant}`, so that every
 * process folds the rules in force from one place.
 */
/**
 * Named by a rule in place of one operation: every command that may widen somebody's rights or lower a control, those of later
 * versions too. Who rules giving roles alone would leave changing them free.
 */
export const anyWidening = 'approvals.any.widening';
export const anyWideningTitle = 'Any command that widens rights or lowers a control';

export const ruleData = z.object({
  operation: z
    .string()
    .describe(`Name of the operation: accounting.entry.post; ${anyWidening} for all that may widen rights`),
  above: decimal.nullable().describe('Only amounts above this one, whatever their sign; null: all'),
  role: z.string().nullable().describe('Only people who act in this role; null: everybody'),
  approvers: z.int().min(1).max(3).describe('How many people must approve'),
  approverRole: z.string().nullable().describe('Only people with this role can approve; null: anybody who may approve'),
});
export type RuleData = z.infer<typeof ruleData>;

const record = (data: { ruleId: string }) => ({ type: 'approvals.rule', id: data.ruleId });

export const ruleSet = event('approvals.rule-set', { data: ruleData.extend({ ruleId: z.uuid() }), record });
export const ruleRemoved = event('approvals.rule-removed', {
  data: z.object({ ruleId: z.uuid(), operation: z.string() }),
  record,
});

export const ruleEvents = [ruleSet, ruleRemoved] as const;
export type RuleEvent = EventsOf<typeof ruleEvents>;
