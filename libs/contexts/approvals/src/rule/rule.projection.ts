import { projection, put, remove, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { ruleRemoved, ruleSet } from './rule.events.js';
import { storedRule } from './rule.operations.js';

export const rules = tableOf('rules', storedRule.extend({ above: z.string().nullable() }), ['id']);

export const ruleProjection = projection({
  name: 'approval-rules',
  version: 1,
  tables: [rules],
  channels: ['approval-rules'],
  on: [
    when(ruleSet, ({ data: { ruleId, ...data }, meta }) => [
      put(rules, { ...data, id: ruleId, version: meta.record.version }),
    ]),
    when(ruleRemoved, ({ data }) => [remove(rules, { id: data.ruleId })]),
  ],
});
