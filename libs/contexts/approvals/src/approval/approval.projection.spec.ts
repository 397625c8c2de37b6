import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import { ruleProjection } from '../rule/rule.projection.js';
import { ruleRemoved, ruleSet } from '../rule/rule.events.js';
import { type ApprovalEvent, approvalEvents } from './approval.events.js';
import { approvalProjection } from './approval.projection.js';
import { requestId, approved, changed, done, failed, held, problem, refused, ruleId, two, withdrawn } from './testing/given.js'; // prettier-ignore

/** As the store gives them: version after version of one record. */
const history = (...events: ApprovalEvent[]): RecordedEvent[] =>
  events.map((event, index) => {
    const declaration = approvalEvents.find(({ name }) => name === event.type) as EventDeclaration;
    const record = { type: 'approvals.request', id: requestId, version: index + 1 };
    return recorded(declaration, event.data, { recordedAt: `2026-03-31T12:00:0${index}Z`, meta: { record } });
  });
const row = (...events: ApprovalEvent[]) => rowsAfter(approvalProjection, history(...events))['commands']![0];

describe('the read model of waiting commands', () => {
  it('shows who asked for what, and what is missing', () => {
    expect(row(held(two))).toMatchObject({
      id: requestId,
      status: 'waiting',
      askedBy: 'kari',
      barred: ['kari'],
      amount: '250000.00',
      needed: 2,
      openRoles: ['*'],
      approvals: [],
      askedAt: '2026-03-31T12:00:00Z',
      version: 1,
      ordinal: '1',
    });
  });
  it('bars a delegate who asked, and the person for whom it did', () => {
    const onBehalfOf = { kind: 'person' as const, id: 'kari' };
    expect(row(held({ initiator: { kind: 'person', id: 'delegate' }, onBehalfOf }))).toMatchObject({
      barred: ['delegate', 'kari'],
    });
  });
  it('bars whom it is about', () => {
    expect(row(held({ about: 'ola' }))).toMatchObject({ barred: ['kari', 'ola'] });
    expect(row(held({ about: 'ola' }), changed(2, ['kari'], { about: 'per' }))).toMatchObject({
      barred: ['kari', 'per'],
    });
  });
  it('counts approvals until nothing is missing', () => {
    expect(row(held(two), approved('ola', false))).toMatchObject({
      status: 'waiting',
      approvedBy: ['ola'],
      version: 2,
    });
    expect(row(held(two), approved('ola', false), approved('per'))).toMatchObject({
      status: 'approved',
      approvedBy: ['ola', 'per'],
      openRoles: [],
      version: 3,
    });
  });
  it('counts none of them after a change, but shows them', () => {
    expect(row(held(), approved('ola', false), changed(2, ['delegate', 'kari']))).toMatchObject({
      status: 'waiting',
      content: 2,
      approvedBy: [],
      openRoles: ['*'],
      approvals: [{ by: 'ola', content: 1 }],
      barred: ['kari', 'delegate'],
      amount: '300000.00',
    });
  });
  it('shows what became of it', () => {
    expect(row(held(), approved(), failed())).toMatchObject({ status: 'failed', problem, result: null });
    expect(row(held(), approved(), failed(), done())).toMatchObject({ status: 'done', problem: null, version: 4 });
    expect(row(held(), refused())).toMatchObject({ status: 'rejected', reason: 'No contract', decidedBy: 'ola' });
    expect(row(held(), withdrawn())).toMatchObject({ status: 'withdrawn', reason: null });
  });
  it('is the same when an event comes twice that says it all', () => {
    const [asked] = history(held());
    expect(rowsAfter(approvalProjection, [asked!, asked!])).toEqual(rowsAfter(approvalProjection, [asked!]));
    for (const last of [refused(), withdrawn(), done(), failed(), changed()]) {
      const events = history(held(), approved(), last);
      expect(rowsAfter(approvalProjection, [...events, events.at(-1)!])).toEqual(rowsAfter(approvalProjection, events));
    }
  });
});

describe('the read model of rules', () => {
  it('holds the rules in force', () => {
    const facts = { operation: 'accounting.entry.post', above: '100.50', role: null, approvers: 1, approverRole: null };
    const set = recorded(ruleSet, { ruleId: ruleId(1), ...facts });
    expect(rowsAfter(ruleProjection, [set, set])['rules']).toEqual([{ id: ruleId(1), ...facts, version: 1 }]);
    const removed = recorded(ruleRemoved, { ruleId: ruleId(1), operation: facts.operation });
    expect(rowsAfter(ruleProjection, [set, removed])['rules']).toEqual([]);
    expect(rowsAfter(ruleProjection, [set, removed, removed])['rules']).toEqual([]);
  });
});
