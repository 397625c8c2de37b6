import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import { ruleProjection } from '../rule/rule.projection.js';
import { ruleRemoved, ruleSet } from '../rule/rule.events.js';
import { type RequestEvent, requestEvents } from './request.events.js';
import { requestProjection } from './request.projection.js';
import { requestId, approved, changed, completed, failed, submitted, problem, refused, ruleId, two, withdrawn } from './testing/given.js'; // prettier-ignore

/** As the store gives them: version after version of one record. */
const history = (...events: RequestEvent[]): RecordedEvent[] =>
  events.map((event, index) => {
    const declaration = requestEvents.find(({ name }) => name === event.type) as EventDeclaration;
    const record = { type: 'approvals.request', id: requestId, version: index + 1 };
    return recorded(declaration, event.data, { recordedAt: `2026-03-31T12:00:0${index}Z`, meta: { record } });
  });
const row = (...events: RequestEvent[]) => rowsAfter(requestProjection, history(...events))['requests']![0];

describe('the read model of approval requests', () => {
  it('shows the requester, the request and the missing approvals', () => {
    expect(row(submitted(two))).toMatchObject({
      id: requestId,
      status: 'pending',
      requestedBy: 'kari',
      ineligibleApprovers: ['kari'],
      amount: '250000.00',
      needed: 2,
      openRoles: ['*'],
      approvals: [],
      requestedAt: '2026-03-31T12:00:00Z',
      version: 1,
      submissionOrder: '1',
    });
  });
  it('makes a delegate who submitted it, and the person they acted for, ineligible approvers', () => {
    const onBehalfOf = { kind: 'person' as const, id: 'kari' };
    expect(row(submitted({ initiator: { kind: 'person', id: 'delegate' }, onBehalfOf }))).toMatchObject({
      ineligibleApprovers: ['delegate', 'kari'],
    });
  });
  it('makes the person it is about an ineligible approver', () => {
    expect(row(submitted({ about: 'ola' }))).toMatchObject({ ineligibleApprovers: ['kari', 'ola'] });
    expect(row(submitted({ about: 'ola' }), changed(2, ['kari'], { about: 'per' }))).toMatchObject({
      ineligibleApprovers: ['kari', 'per'],
    });
  });
  it('counts approvals until nothing is missing', () => {
    expect(row(submitted(two), approved('ola', false))).toMatchObject({
      status: 'pending',
      approvedBy: ['ola'],
      version: 2,
    });
    expect(row(submitted(two), approved('ola', false), approved('per'))).toMatchObject({
      status: 'approved',
      approvedBy: ['ola', 'per'],
      openRoles: [],
      version: 3,
    });
  });
  it('counts none of them after a change, but shows them', () => {
    expect(row(submitted(), approved('ola', false), changed(2, ['delegate', 'kari']))).toMatchObject({
      status: 'pending',
      contentVersion: 2,
      approvedBy: [],
      openRoles: ['*'],
      approvals: [{ by: 'ola', contentVersion: 1 }],
      ineligibleApprovers: ['kari', 'delegate'],
      amount: '300000.00',
    });
  });
  it('shows what became of it', () => {
    expect(row(submitted(), approved(), failed())).toMatchObject({ status: 'failed', problem, result: null });
    expect(row(submitted(), approved(), failed(), completed())).toMatchObject({
      status: 'completed',
      problem: null,
      version: 4,
    });
    expect(row(submitted(), refused())).toMatchObject({ status: 'rejected', reason: 'No contract', decidedBy: 'ola' });
    expect(row(submitted(), withdrawn())).toMatchObject({ status: 'withdrawn', reason: null });
  });
  it('is the same when an event comes twice that says it all', () => {
    const [asked] = history(submitted());
    expect(rowsAfter(requestProjection, [asked!, asked!])).toEqual(rowsAfter(requestProjection, [asked!]));
    for (const last of [refused(), withdrawn(), completed(), failed(), changed()]) {
      const events = history(submitted(), approved(), last);
      expect(rowsAfter(requestProjection, [...events, events.at(-1)!])).toEqual(rowsAfter(requestProjection, events));
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
