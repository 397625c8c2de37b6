import { expectGolden } from '@daybook/event-store/testing/golden';
import { personalPlaces } from '@daybook/kernel';
import { ruleEvents, ruleRemoved, ruleSet } from '../rule/rule.events.js';
import {
  approvalEvents,
  approvalGiven,
  commandChanged,
  commandDone,
  commandFailed,
  commandHeld,
  commandRejected,
  commandWithdrawn,
} from './approval.events.js';
import { approved, changed, done, failed, held, refused, ruleId, withdrawn } from './testing/given.js';

const rule = { ruleId: ruleId(1), operation: 'accounting.entry.post', approvers: 2 };
const onBehalfOf = { kind: 'person' as const, id: 'kari' };
const samples = [
  () =>
    expectGolden(ruleSet, [
      { ...rule, above: '100000', role: 'Staff', approverRole: 'Accountant' },
      { ...rule, above: null, role: null, approverRole: null },
    ]),
  () => expectGolden(ruleRemoved, [{ ruleId: ruleId(1), operation: rule.operation }]),
  () => expectGolden(commandHeld, [held().data, held({ onBehalfOf, companyId: null, amount: null, expectedVersion: 3 }).data] as never), // prettier-ignore
  () => expectGolden(commandChanged, [changed().data] as never),
  () => expectGolden(approvalGiven, [approved().data] as never),
  () => expectGolden(commandDone, [done().data] as never),
  () => expectGolden(commandFailed, [failed().data] as never),
  () => expectGolden(commandRejected, [refused().data] as never),
  () => expectGolden(commandWithdrawn, [withdrawn().data] as never),
];

describe('events of approvals', () => {
  it('look in the log as they always did', () => {
    expect(samples).toHaveLength(ruleEvents.length + approvalEvents.length);
    for (const sample of samples) sample();
  });
  it('seal what is asked for, under whom it tells of', () => {
    for (const { data } of [commandHeld, commandChanged]) {
      expect(personalPlaces(data)).toEqual([expect.objectContaining({ path: 'input', subject: 'sealedFor' })]);
    }
  });
});
