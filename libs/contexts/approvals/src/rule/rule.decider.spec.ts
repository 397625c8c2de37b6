import { deciding } from '@daybook/projections/testing/given';
import { type Decision, isRejection } from '@daybook/kernel';
import { requirementsOf } from './matching.js';
import { ruleDecider, type RuleDecisionFacts } from './rule.decider.js';
import { type RuleEvent, type RuleData, ruleRemoved, ruleSet } from './rule.events.js';
import type { RuleCommand } from './rule.operations.js';
import { ruleStatusOf } from './rule.queries.js';

const id = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;
const data: RuleData = {
  operation: 'accounting.entry.post',
  above: '100000',
  role: null,
  approvers: 1,
  approverRole: null,
};
const set = (more: Partial<RuleData> = {}, n = 1): RuleEvent => ruleSet.of({ ruleId: id(n), ...data, ...more });
const removed = ruleRemoved.of({ ruleId: id(1), operation: data.operation });
const { given: decided, fold } = deciding(ruleDecider);

const roles = new Map([
  ['Accountant', 'Accountant'],
  [id(40), 'Controller'],
]);

const given = (...events: RuleEvent[]) => ({
  when(
    name: RuleCommand['name'],
    input: object = {},
    expectedVersion: number | null = null,
    approvable: RuleDecisionFacts['approvable'] = { hasAmount: true },
  ): Decision<RuleEvent> {
    const command = {
      name,
      input: { ruleId: id(1), operation: data.operation, approvers: 1, ...input },
    } as RuleCommand;
    return decided(...events).whenSent(command, { expectedVersion, facts: { approvable, roles } });
  },
});
const code = (decision: Decision<RuleEvent>) => (isRejection(decision) ? decision.code : null);

describe('a rule', () => {
  it('stays as it is in what a change leaves out, and needs operation and approvers when it is new', () => {
    const before = set({ role: 'Accountant', approverRole: id(40), approvers: 2 });
    const left = { operation: undefined, approvers: undefined };
    const changed = (input: object) => given(before).when('approvals.rule.set', { ...left, ...input });
    const kept = { above: '100000', role: 'Accountant', approverRole: id(40), approvers: 2 };
    expect(changed({ above: '5' })).toMatchObject({ events: [{ data: { ...kept, above: '5' } }] });
    expect(changed({ role: null })).toMatchObject({ events: [{ data: { ...kept, role: null } }] });
    expect(changed({})).toMatchObject({ version: 1, events: [] });
    expect(given().when('approvals.rule.set', left)).toMatchObject({
      code: 'approvals.rule-incomplete',
      errors: [{ pointer: '/operation' }],
    });
    expect(given(before, removed).when('approvals.rule.set', { approvers: undefined })).toMatchObject({
      errors: [{ pointer: '/approvers' }],
    });
  });

  it('is set, changed and removed, each one version on', () => {
    expect(given().when('approvals.rule.set', { above: '5' })).toMatchObject({
      version: 1,
      events: [{ type: ruleSet.name, data: { above: '5', role: null, approverRole: null } }],
    });
    expect(given(set()).when('approvals.rule.set', { approvers: 3 }, 1)).toMatchObject({ version: 2 });
    expect(given(set()).when('approvals.rule.remove', {}, 1)).toMatchObject({ version: 2, events: [removed] });
    expect(given(set(), removed).when('approvals.rule.set')).toMatchObject({ version: 3 });
  });
  it('that says the same again changes nothing', () => {
    expect(given(set()).when('approvals.rule.set', { above: '100000' })).toMatchObject({ version: 1, events: [] });
  });
  it('heeds the version that was seen', () => {
    expect(code(given(set()).when('approvals.rule.set', {}, 2))).toBe('platform.version-stale');
    expect(code(given(set()).when('approvals.rule.remove', {}, 2))).toBe('platform.version-stale');
  });
  it('is removed once', () => {
    expect(code(given().when('approvals.rule.remove'))).toBe('approvals.rule-not-found');
    expect(code(given(set(), removed).when('approvals.rule.remove'))).toBe('approvals.rule-not-found');
  });
  it('that names a role nobody ever defined is refused, with the field and the way out, also when nothing else changed', () => {
    for (const field of ['role', 'approverRole']) {
      expect(given().when('approvals.rule.set', { [field]: 'Controller' })).toMatchObject({
        code: 'approvals.role-not-found',
        status: 400,
        message: expect.stringContaining('Use one from the list of roles'),
        errors: [{ pointer: `/${field}`, code: 'approvals.role-not-found' }],
      });
      for (const role of roles.keys()) {
        expect(given().when('approvals.rule.set', { [field]: role })).toMatchObject({ version: 1 });
      }
    }
    expect(code(given(set({ role: id(41) })).when('approvals.rule.set', { above: '100000', role: id(41) }))).toBe(
      'approvals.role-not-found',
    );
    expect(given(set({ role: id(41) })).when('approvals.rule.remove')).toMatchObject({ version: 2 });
  });
  it('names an operation that can wait, and an amount only where there is one', () => {
    expect(code(given().when('approvals.rule.set', {}, null, null))).toBe('approvals.operation-not-approvable');
    const noAmount = { hasAmount: false };
    expect(code(given().when('approvals.rule.set', { above: '1' }, null, noAmount))).toBe(
      'approvals.amount-not-supported',
    );
    expect(given().when('approvals.rule.set', {}, null, noAmount)).toMatchObject({ version: 1 });
    expect(code(given().when('approvals.rule.set', { above: '-1' }))).toBe('approvals.amount-negative');
  });
});

describe('a rule in the list', () => {
  const of = (more: Partial<RuleData>, canApprove: number) => ruleStatusOf({ ...data, ...more }, roles, canApprove);
  it('says when its role was removed, and when fewer can approve than it asks for', () => {
    expect(of({}, 1)).toEqual({ canApprove: 1, status: 'ok' });
    expect(of({ approverRole: id(40), role: 'Accountant' }, 1)).toMatchObject({ status: 'ok' });
    expect(of({ approvers: 2 }, 1)).toMatchObject({ canApprove: 1, status: 'too-few-approvers' });
    expect(of({ approverRole: id(41) }, 0)).toMatchObject({ status: 'role-removed' });
    expect(of({ role: id(41) }, 4)).toMatchObject({ status: 'role-removed' });
  });
});

describe('rules in force', () => {
  const asked = { operation: data.operation, amount: '100000.01', roles: ['Accountant'] };
  const found = (events: RuleEvent[], more: object = {}) =>
    requirementsOf(fold(events), { ...asked, ...more }).map(({ ruleId }) => ruleId);

  it('fit above the amount, whatever its sign, and where it is not known', () => {
    expect(found([set()])).toEqual([id(1)]);
    expect(found([set()], { amount: '100000' })).toEqual([]);
    expect(found([set()], { amount: '-100000.01' })).toEqual([id(1)]);
    expect(found([set()], { amount: null })).toEqual([id(1)]);
    expect(found([set({ above: null })], { amount: '0' })).toEqual([id(1)]);
  });
  it('fit the operation and the role they name', () => {
    expect(found([set()], { operation: 'accounting.entry.reverse' })).toEqual([]);
    expect(found([set({ role: 'Staff' })])).toEqual([]);
    expect(found([set({ role: 'Staff' })], { roles: ['Accountant', 'Staff'] })).toEqual([id(1)]);
  });
  it('all hold together, until they are removed', () => {
    const owner = set({ approverRole: 'Owner' }, 2);
    expect(found([owner, set({ approvers: 2 })])).toEqual([id(1), id(2)]);
    expect(found([set(), owner, removed])).toEqual([id(2)]);
  });
});
