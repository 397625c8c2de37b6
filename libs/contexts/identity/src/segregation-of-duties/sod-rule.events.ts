import { event } from '@daybook/kernel';
import * as z from 'zod';

/* Which two permissions one person should not hold. The built-in rules apply until an event changes them. */
const rule = (data: { ruleId: string }) => ({ type: 'identity.sod-rule', id: data.ruleId });

export const sodRuleSet = event('identity.sod-rule-set', {
  data: z.object({
    ruleId: z.string(),
    first: z.string(),
    second: z.string(),
    risk: z.string(),
    /** The control that may compensate; null: none does. */
    mitigation: z.string().nullable(),
    /** true: one person may hold both, but not use them on the same document. */
    onDocument: z.boolean(),
  }),
  record: rule,
});
export const sodRuleRemoved = event('identity.sod-rule-removed', {
  data: z.object({ ruleId: z.string() }),
  record: rule,
});

export const sodRuleEvents = [sodRuleSet, sodRuleRemoved] as const;
