import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { ruleRemoved, ruleSet } from './rule.events.js';
import { ruleProjection } from './rule.projection.js';

const ruleId = '0199f3a0-0000-7000-8000-000000000001';
const data = {
  operation: 'accounting.entry.post',
  above: '100000',
  role: null,
  approvers: 1,
  approverRole: 'Accountant',
};
const at = (version: number) => ({ meta: { record: { type: 'approvals.rule', id: ruleId, version } } });
const set = recorded(ruleSet, { ruleId, ...data }, at(1));
const changed = recorded(ruleSet, { ruleId, ...data, above: null, approvers: 2, approverRole: null }, at(2));
const removed = recorded(ruleRemoved, { ruleId, operation: data.operation }, at(3));
const rows = (...events: Parameters<typeof rowsAfter>[1]) => rowsAfter(ruleProjection, events)['rules'];

describe('the list of approval rules', () => {
  it('has a rule as it was set last, with its version', () => {
    expect(rows(set)).toEqual([{ id: ruleId, ...data, version: 1 }]);
    expect(rows(set, set)).toEqual(rows(set));
    const now = { ...data, id: ruleId, above: null, approvers: 2, approverRole: null, version: 2 };
    expect(rows(set, changed)).toEqual([now]);
    expect(rows(set, changed, changed)).toEqual([now]);
  });

  it('has none that was removed, and has it again when it is set again', () => {
    expect(rows(set, removed)).toEqual([]);
    expect(rows(set, removed, removed)).toEqual([]);
    expect(rows(set, removed, recorded(ruleSet, { ruleId, ...data }, at(4)))).toMatchObject([{ version: 4 }]);
  });
});
