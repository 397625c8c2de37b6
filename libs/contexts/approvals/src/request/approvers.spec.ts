import type { Party } from '@daybook/kernel';
import type { Holder } from '@daybook/server';
import { approversAt, howManyFit, unreachableRequirement, whyStuck } from './approvers.js';
import { approveRequest } from './request.operations.js';
import { companyId as fjord, ruleId } from './testing/given.js';

const elsewhere = ruleId(77);
const controller = ruleId(40);
const names = new Map([
  ['Admin', 'Admin'],
  [controller, 'Controller'],
]);
const grant = (role: string, companyId: string | null = null, more: { may?: string; party?: Party } = {}) => ({
  role,
  companyId,
  party: more.party ?? null,
  permissions: new Set([more.may ?? approveRequest.name]),
  fields: {},
});
const person = (personId: string, ...grants: Holder['grants']): Holder => ({ personId, grants });
const needs = (approvers: number, approverRole: string | null = null) => ({
  ruleId: ruleId(1),
  approvers,
  approverRole,
});
const waits = (...requirements: ReturnType<typeof needs>[]) => ({
  requirements,
  given: [],
  ineligibleApprovers: ['kari'],
});

describe('those who could approve', () => {
  const everywhere = person('ola', grant('Admin'));
  const here = person('liv', grant('Admin', fjord), grant(controller, fjord, { may: 'audit.event.read' }));
  const there = person('per', grant('Admin', elsewhere));

  it('are those whose rights reach the company, in every role they hold there', () => {
    expect(approversAt([everywhere, here, there], fjord)).toEqual([
      { personId: 'ola', roles: ['Admin'] },
      { personId: 'liv', roles: ['Admin', controller] },
    ]);
  });
  it('of a command about the whole tenant are those who may in the whole tenant', () => {
    expect(approversAt([everywhere, here, there], null)).toMatchObject([{ personId: 'ola' }]);
  });
  it('are none who see only what is theirs, or may not approve there', () => {
    const supplier = person('s', grant('Vendor', fjord, { party: { type: 'supplier', id: '10021' } }));
    const reader = person('r', grant('Admin', elsewhere), grant('Auditor', fjord, { may: 'audit.event.read' }));
    expect(approversAt([supplier, reader], fjord)).toEqual([]);
  });
  it('are counted once each, wherever they could', () => {
    expect(howManyFit({ approverRole: null }, [everywhere, here, there])).toBe(3);
    expect(howManyFit({ approverRole: controller }, [everywhere, here, there])).toBe(1);
  });
});

describe('a command that nobody can approve', () => {
  const ola = { personId: 'ola', roles: ['Admin'] };
  const liv = { personId: 'liv', roles: ['Admin', controller] };
  const kari = { personId: 'kari', roles: ['Admin', controller] };

  it('differs from one that somebody can approve: the requester does not count', () => {
    expect(unreachableRequirement(waits(needs(1)), [kari, ola])).toBeNull();
    expect(unreachableRequirement(waits(needs(1)), [kari])).toMatchObject({ missing: 1 });
    expect(unreachableRequirement(waits(needs(2)), [kari, ola])).toMatchObject({ missing: 1 });
    expect(unreachableRequirement(waits(needs(1), needs(1, controller)), [kari, ola])).toMatchObject({
      requirement: { approverRole: controller },
    });
    expect(unreachableRequirement(waits(needs(1, controller)), [kari, ola, liv])).toBeNull();
  });
  it('counts an approval that was given, and its giver no second time', () => {
    const once = { ...waits(needs(2)), given: [{ by: 'ola', roles: ['Admin'] }] };
    expect(unreachableRequirement(once, [kari, ola])).toMatchObject({ missing: 1 });
    expect(unreachableRequirement(once, [kari, ola, liv])).toBeNull();
    // The approver may have left since.
    expect(unreachableRequirement(once, [kari, liv])).toBeNull();
  });
  it('says what is missing and what to do, by the names of roles', () => {
    expect(whyStuck({ requirement: needs(2, controller), missing: 2 }, names)).toMatch(
      /takes 2 more persons who may approve and have the role Controller, and may read all that it is about\. An Admin can give the rights; or withdraw/,
    );
    expect(whyStuck({ requirement: needs(1), missing: 1 }, names)).toMatch(
      /takes one more person who may approve, and may read/,
    );
    expect(whyStuck({ requirement: needs(1, ruleId(41)), missing: 1 }, names)).toMatch(/removed\. Withdraw or reject/);
  });
});
