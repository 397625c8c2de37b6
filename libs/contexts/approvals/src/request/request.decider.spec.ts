import { reject } from '@daybook/kernel';
import {
  type RequestEvent,
  requestApproved,
  requestChanged,
  requestCompleted,
  requestFailed,
  requestSubmitted,
  requestRejected,
  requestWithdrawn,
} from './request.events.js';
import {
  accepted,
  requestId,
  approved,
  changed,
  companyId,
  completed,
  failed,
  fold,
  given,
  submitted,
  problem,
  refused,
  rejected,
  ruleId,
  two,
  withdrawn,
} from './testing/given.js';

const kari = { actor: 'kari' };
const statuses: Readonly<Record<string, readonly RequestEvent[]>> = {
  pending: [submitted()],
  approved: [submitted(), approved()],
  completed: [submitted(), approved(), completed()],
  failed: [submitted(), approved(), failed()],
  rejected: [submitted(), refused()],
  withdrawn: [submitted(), withdrawn()],
};
const inStatus = (status: string) => given(...statuses[status]!);

describe('a submitted request', () => {
  it('is pending from version 1, in the name of the requester', () => {
    const decision = accepted(given().when('submit', kari));
    expect(decision).toMatchObject({ id: requestId, version: 1 });
    expect(decision.events).toMatchObject([
      {
        type: requestSubmitted.name,
        data: { initiatorId: 'kari', initiator: { kind: 'person', id: 'kari' }, contentVersion: 1 },
      },
    ]);
  });
  it('uses the rights of the person a delegate acts for, and names both', () => {
    const onBehalfOf = { kind: 'person' as const, id: 'kari' };
    const [event] = accepted(given().when('submit', { actor: 'delegate', onBehalfOf })).events;
    expect(event?.data).toMatchObject({
      initiatorId: 'kari',
      initiator: { id: 'delegate' },
      onBehalfOf: { id: 'kari' },
    });
  });
  it('is submitted once', () => {
    expect(rejected(inStatus('pending').when('submit', kari)).code).toBe('approvals.request-exists');
  });
});

describe('in each status', () => {
  it('follows from its events', () => {
    for (const [status, events] of Object.entries(statuses)) expect(fold(events).status).toBe(status);
  });

  const waitingOnly = (status: string) => (status === 'pending' ? null : 'approvals.request-not-pending');
  const openOnly = (status: string) =>
    ['pending', 'failed'].includes(status) ? null : 'approvals.request-not-pending';
  it.each([
    ['record-approval', {}, waitingOnly],
    ['reject', {}, waitingOnly],
    ['withdraw', kari, openOnly],
    ['record-change', kari, openOnly],
    ['complete', {}, (s: string) => (['approved', 'failed'].includes(s) ? null : 'approvals.request-not-approved')],
    ['fail', {}, (s: string) => (s === 'approved' ? null : 'approvals.request-not-approved')],
  ] as const)('%s is taken or refused', (name, as, expected) => {
    for (const status of Object.keys(statuses)) {
      const decision = inStatus(status).when(name, as);
      const code = decision.kind === 'rejection' ? decision.code : null;
      expect([status, code]).toEqual([status, expected(status)]);
    }
  });
  it.each(['record-approval', 'reject', 'withdraw', 'record-change', 'complete', 'fail'] as const)(
    '%s finds nothing before',
    (name) => {
      expect(rejected(given().when(name))).toMatchObject({ code: 'approvals.request-not-found', status: 404 });
    },
  );
  it.each(['record-approval', 'reject', 'withdraw', 'record-change'] as const)(
    '%s heeds the version that was seen',
    (name) => {
      const as = name === 'record-approval' || name === 'reject' ? {} : kari;
      expect(rejected(given(submitted()).when(name, { ...as, expectedVersion: 2 })).status).toBe(412);
      expect(accepted(given(submitted()).when(name, { ...as, expectedVersion: 1 })).version).toBe(2);
    },
  );
});

describe('an approval', () => {
  it('is enough when one rule asks for one', () => {
    const decision = accepted(given(submitted()).when('record-approval', {}, { comment: 'Seen' }));
    expect(decision.events).toMatchObject([
      {
        type: requestApproved.name,
        data: { by: 'ola', contentVersion: 1, roles: ['Admin'], comment: 'Seen', complete: true },
      },
    ]);
  });
  it('is not enough while others are missing', () => {
    const first = accepted(given(submitted(two)).when('record-approval')).events[0]!;
    expect(first.data).toMatchObject({ complete: false });
    const second = accepted(given(submitted(two), first).when('record-approval', { actor: 'per' })).events[0]!;
    expect(second.data).toMatchObject({ complete: true });
  });
  it('is not given twice by one person', () => {
    expect(rejected(given(submitted(two), approved('ola', false)).when('record-approval')).code).toBe(
      'approvals.already-approved',
    );
  });
  it('is refused from the requester, from a delegate who submitted it for them, and from the person for whom the delegate did', () => {
    expect(rejected(given(submitted()).when('record-approval', kari)).code).toBe('approvals.approver-ineligible');
    const initiator = { kind: 'person' as const, id: 'delegate' };
    const byDelegate = submitted({ initiator, onBehalfOf: { kind: 'person', id: 'kari' } });
    for (const actor of ['delegate', 'kari']) {
      expect(rejected(given(byDelegate).when('record-approval', { actor })).code).toBe('approvals.approver-ineligible');
    }
  });
  it('is refused from the person who created the requesting service account or issued a key of it', () => {
    const rejection = rejected(given(submitted({ custodians: ['ola', 'liv'] })).when('record-approval'));
    expect(rejection.code).toBe('approvals.approver-ineligible');
    expect(rejection.message).toContain('You count as the same person. Somebody else has to approve it.');
    const since = changed(2, ['kari'], { custodians: ['ola'] });
    expect(rejected(given(submitted(), since).when('record-approval')).code).toBe('approvals.approver-ineligible');
    expect(accepted(given(submitted({ custodians: ['liv'] })).when('record-approval')).version).toBe(2);
  });

  it('is refused from the person it is about', () => {
    const rejection = rejected(given(submitted({ about: 'ola' })).when('record-approval'));
    expect(rejection).toMatchObject({ code: 'approvals.approver-ineligible' });
    expect(rejection.message).toBe('This is about yourself. Somebody else has to approve it.');
    expect(rejected(given(submitted(), changed(2, ['kari'], { about: 'ola' })).when('record-approval')).code).toBe(
      'approvals.approver-ineligible',
    );
    expect(accepted(given(submitted({ about: 'per' })).when('record-approval')).version).toBe(2);
  });
  it('is refused from the person whose own key submitted it', () => {
    const key = { kind: 'api-key' as const, id: 'key-1' };
    const byKey = accepted(
      given().when('submit', { actor: 'key-1', kind: 'api-key', onBehalfOf: { kind: 'person', id: 'ola' } }),
    );
    expect(byKey.events[0]?.data).toMatchObject({ initiatorId: 'ola', initiator: key });
    expect(rejected(given(...byKey.events).when('record-approval')).code).toBe('approvals.approver-ineligible');
    expect(accepted(given(...byKey.events).when('withdraw')).version).toBe(2);
  });
  it('is refused from the person who changed it last', () => {
    const events = [submitted(), changed(2, ['delegate', 'kari'])];
    expect(rejected(given(...events).when('record-approval', { actor: 'delegate' })).code).toBe(
      'approvals.approver-ineligible',
    );
    expect(accepted(given(...events).when('record-approval')).version).toBe(3);
  });
  it('is accepted only from a person who signed in themselves', () => {
    const onBehalfOf = { kind: 'person' as const, id: 'ola' };
    for (const as of [{ onBehalfOf }, { kind: 'api-key' as const }, { kind: 'job' as const }]) {
      expect(rejected(given(submitted()).when('record-approval', as))).toMatchObject({
        code: 'approvals.person-required',
        status: 403,
      });
      expect(rejected(given(submitted()).when('reject', as)).code).toBe('approvals.person-required');
    }
  });
  it('is given by the role that is still missing, and by no other', () => {
    const requirements = [
      { ruleId: ruleId(1), approvers: 2, approverRole: null },
      { ruleId: ruleId(2), approvers: 1, approverRole: 'Owner' },
    ];
    const events = [submitted({ requirements }), approved('ola', false), approved('per', false)];
    const other = rejected(given(...events).when('record-approval', { actor: 'ida' }));
    expect(other).toMatchObject({ code: 'approvals.role-required', status: 403, details: { roles: ['Owner'] } });
    const owner = accepted(given(...events).when('record-approval', { actor: 'eva', roles: ['Owner'] }));
    expect(owner.events[0]?.data).toMatchObject({ complete: true });
  });
  it('counts for each rule that it fits', () => {
    const requirements = [
      { ruleId: ruleId(1), approvers: 1, approverRole: null },
      { ruleId: ruleId(2), approvers: 1, approverRole: 'Owner' },
    ];
    const decision = accepted(given(submitted({ requirements })).when('record-approval', { roles: ['Owner'] }));
    expect(decision.events[0]?.data).toMatchObject({ complete: true });
  });
  it('is refused when the requester is no longer permitted to do it', () => {
    const initiatorRejection = reject('platform.forbidden', 'It needs a permission.', { status: 403 });
    const rejection = rejected(given(submitted()).when('record-approval', { initiatorRejection }));
    expect(rejection).toMatchObject({
      code: 'approvals.initiator-not-permitted',
      details: { problem: 'platform.forbidden' },
    });
    expect(rejection.message).toContain('Reject the request');
  });
  it('finds nothing where the request is not for the approver to see', () => {
    for (const name of ['record-approval', 'reject', 'withdraw', 'record-change'] as const) {
      expect(rejected(given(submitted()).when(name, { sight: 'absent' })).status).toBe(404);
    }
  });
  it('is refused to an approver who may not read what it is about, and so is a rejection', () => {
    for (const name of ['record-approval', 'reject'] as const) {
      expect(rejected(given(submitted()).when(name, { sight: 'hidden' }))).toMatchObject({
        code: 'approvals.record-not-visible',
        status: 403,
      });
    }
  });
  it('is refused to an approver whose role hides a field of the command, who may reject it', () => {
    expect(rejected(given(submitted()).when('record-approval', { sight: 'part' })).code).toBe(
      'approvals.content-hidden',
    );
    expect(accepted(given(submitted()).when('reject', { sight: 'part' })).version).toBe(2);
  });
  it('leaves the requester their request, whatever they may read now', () => {
    expect(accepted(given(submitted()).when('withdraw', { ...kari, sight: 'absent' })).version).toBe(2);
  });
  it('is the own of a delegate or a key that submitted it, not of every one of the requester', () => {
    const delegate = { actor: 'delegate', onBehalfOf: { kind: 'person', id: 'kari' }, sight: 'absent' } as const;
    expect(rejected(given(submitted()).when('withdraw', delegate)).status).toBe(404);
    const byDelegate = submitted({ initiator: { kind: 'person', id: 'delegate' }, onBehalfOf: delegate.onBehalfOf });
    expect(accepted(given(byDelegate).when('withdraw', delegate)).version).toBe(2);
  });
});

describe('a change', () => {
  it('voids what was approved, and what was asked for stays asked for', () => {
    const rule = { ruleId: ruleId(2), approvers: 1, approverRole: 'Owner' };
    const input = { description: 'Changed' };
    const more = {
      input,
      summary: 'Entry',
      amount: '1.00',
      companyId,
      about: null,
      recordType: 'crm.lead',
      recordId: ruleId(8),
      custodians: [],
      addressee: null,
      requirements: [rule],
    };
    const events = [submitted(two), approved('ola', false)];
    const decision = accepted(given(...events).when('record-change', { ...kari, changed: more }));
    expect(decision.events).toMatchObject([
      {
        type: requestChanged.name,
        data: {
          contentVersion: 2,
          by: ['kari'],
          input,
          summary: 'Entry',
          recordId: ruleId(8),
          requirements: [...two.requirements, rule],
        },
      },
    ]);
    expect(fold([...events, ...decision.events])).toMatchObject({ status: 'pending', approvals: [], version: 3 });
  });
  it('is accepted only from the requester, or from a delegate who acts for them', () => {
    for (const name of ['record-change', 'withdraw'] as const) {
      expect(rejected(given(submitted()).when(name))).toMatchObject({ code: 'approvals.not-initiator', status: 403 });
      const onBehalfOf = { kind: 'person' as const, id: 'kari' };
      expect(accepted(given(submitted()).when(name, { actor: 'delegate', onBehalfOf })).version).toBe(2);
    }
  });
  it('puts right what failed', () => {
    const events = [...statuses['failed']!, ...accepted(inStatus('failed').when('record-change', kari)).events];
    expect(fold(events)).toMatchObject({ status: 'pending', contentVersion: 2, version: 4 });
  });
});

describe('an end', () => {
  it('records the reason when somebody else rejects it', () => {
    expect(accepted(given(submitted()).when('reject')).events).toMatchObject([
      { type: requestRejected.name, data: { by: 'ola', reason: 'No contract' } },
    ]);
    expect(rejected(given(submitted()).when('reject', kari))).toMatchObject({ code: 'approvals.approver-ineligible' });
  });
  it('is a withdrawal by the requester', () => {
    expect(accepted(given(submitted()).when('withdraw', kari)).events).toMatchObject([{ type: requestWithdrawn.name }]);
  });
  it('is what became of it when it was carried out', () => {
    expect(accepted(inStatus('approved').when('complete')).events).toMatchObject([{ type: requestCompleted.name }]);
    expect(accepted(inStatus('approved').when('fail')).events).toMatchObject([
      { type: requestFailed.name, data: { problem } },
    ]);
  });
  it('is done when request and job disagree, for one of them did it', () => {
    expect(rejected(inStatus('failed').when('fail')).status).toBe(409);
    expect(accepted(inStatus('failed').when('complete')).events).toMatchObject([{ type: requestCompleted.name }]);
  });
  it('is not that of an earlier content', () => {
    const events = [...statuses['failed']!, changed(), approved('ola', true, 2)];
    expect(rejected(given(...events).when('complete')).code).toBe('approvals.request-not-approved');
    expect(accepted(given(...events).when('complete', {}, { contentVersion: 2 })).version).toBe(6);
  });
});
