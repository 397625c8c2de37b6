import { expectGolden } from '@daybook/event-store/testing/golden';
import { personalPlaces } from '@daybook/kernel';
import { ruleEvents, ruleRemoved, ruleSet } from '../rule/rule.events.js';
import {
  requestEvents,
  requestApproved,
  requestChanged,
  requestCompleted,
  requestFailed,
  requestSubmitted,
  requestRejected,
  requestWithdrawn,
} from './request.events.js';
import { approved, changed, completed, failed, submitted, refused, ruleId, withdrawn } from './testing/given.js';

const rule = { ruleId: ruleId(1), operation: 'accounting.entry.post', approvers: 2 };
const onBehalfOf = { kind: 'person' as const, id: 'kari' };
const samples = [
  () =>
    expectGolden(ruleSet, [
      { ...rule, above: '100000', role: 'Staff', approverRole: 'Accountant' },
      { ...rule, above: null, role: null, approverRole: null },
    ]),
  () => expectGolden(ruleRemoved, [{ ruleId: ruleId(1), operation: rule.operation }]),
  () => expectGolden(requestSubmitted, [submitted().data, submitted({ onBehalfOf, companyId: null, amount: null, expectedVersion: 3 }).data] as never), // prettier-ignore
  () => expectGolden(requestChanged, [changed().data] as never),
  () => expectGolden(requestApproved, [approved().data] as never),
  () => expectGolden(requestCompleted, [completed().data] as never),
  () => expectGolden(requestFailed, [failed().data] as never),
  () => expectGolden(requestRejected, [refused().data] as never),
  () => expectGolden(requestWithdrawn, [withdrawn().data] as never),
];

describe('events of approvals', () => {
  it('keep their form in the log', () => {
    expect(samples).toHaveLength(ruleEvents.length + requestEvents.length);
    for (const sample of samples) sample();
  });
  it('seal the input under the person it is about', () => {
    for (const { data } of [requestSubmitted, requestChanged]) {
      expect(personalPlaces(data)).toEqual([expect.objectContaining({ path: 'input', subject: 'sealedFor' })]);
    }
  });
});
