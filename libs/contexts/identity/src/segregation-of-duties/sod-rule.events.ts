import { event } from '@daybook/kernel';
import * as z from 'zod';

/* Rules of which two permissions do not belong in one hand. The rules in code hold until an event says otherwise. */
const rule = (data: { ruleId: string }) => ({ type: 'identity.sod-rule', id: data.ruleId });

export const sodRuleSet = event('identity.sod-rule-set', {
  data: z.object({
    ruleId: z.string(),
    first: z.string(),
    second: z.string(),
    risk: z.string(),
    /** What may make up for it; null: nothing does. */
    mitigation: z.string().nullable(),
    /** true: both may be held, and never used on one document by one person. */
    onDocument: z.boolean(),
  }),
  record: rule,
});
export const sodRuleRemoved = event('identity.sod-rule-removed', {
  data: z.object({ ruleId: z.string() }),
  record: rule,
});

export const sodRuleEvents = [sodRuleSet, sodRuleRemoved] as const;
