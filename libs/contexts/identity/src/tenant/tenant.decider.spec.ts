import type { TenantEvent } from './tenant.stream.js';
import { memberChanged, memberDeactivated, memberReactivated } from '../member/member.events.js';
import { grantGiven } from '../grant/grant.events.js';
import { roleDefined } from '../role/role.events.js';
import { policySet, tenantRenamed } from './tenant.events.js';
import {
  admitted,
  code,
  companyA,
  created,
  fjord,
  given,
  holds,
  kari,
  liv,
  ola,
  per,
  tenantId,
} from './testing/given.js';

const admit = 'identity.member.add';
const shutOut = 'identity.member.record-deactivation';
const reason = 'Left the firm';

describe('a tenant', () => {
  it('is created once, and accepts no other command before', () => {
    expect(code(given().when('identity.tenant.record', { name: 'Fjord' }))).toEqual([created]);
    expect(code(given(created).when('identity.tenant.record', { name: 'Fjord' }))).toBe('identity.tenant-exists');
    expect(code(given().when(admit, { personId: kari, role: 'Admin', also: [] }))).toBe('identity.tenant-not-found');
  });

  it('is renamed to a different name, at the expected version', () => {
    const rename = 'identity.tenant.rename';
    expect(code(given(created).when(rename, { name: 'Fjell' }))).toEqual([
      tenantRenamed.of({ tenantId, name: 'Fjell' }),
    ]);
    expect(code(given(created).when(rename, { name: 'Fjord' }))).toBe('identity.tenant-name-unchanged');
    expect(code(given(created).when(rename, { name: 'Fjell' }, kari, { expectedVersion: 2 }))).toBe(
      'platform.version-stale',
    );
  });

  it('sets whether signing in requires a second factor', () => {
    const set = policySet.of({ tenantId, mfaRequired: true });
    expect(code(given(created).when('identity.policy.set', { mfaRequired: true }))).toEqual([set]);
    expect(code(given(created, set).when('identity.policy.set', { mfaRequired: true }))).toBe(
      'identity.policy-unchanged',
    );
    expect(code(given(created, set).when('identity.policy.set', { mfaRequired: false }, kari, { expectedVersion: 2 }))).toHaveLength(1); // prettier-ignore
  });
});

describe('a member', () => {
  const olaIn = { personId: ola, role: 'Auditor', also: [] };

  it('is added once, with a role from the start', () => {
    const decision = code(given(created).when(admit, olaIn, null));
    expect(decision).toMatchObject([
      admitted(ola),
      { type: grantGiven.name, data: { holderId: ola, role: 'Auditor' } },
    ]);
    expect(code(given(...fjord).when(admit, olaIn, null))).toBe('identity.member-exists');
  });

  it('is added with a company, a last day and more roles under the same rules as any grant', () => {
    const scoped = { companyId: companyA, until: '2026-12-31' };
    const supplier = { partyType: 'supplier', party: '10021' } as const;
    const asVendor = { ...olaIn, role: 'Vendor', ...scoped };
    expect(code(given(created).when(admit, { ...asVendor, party: '10021' }, null))).toBe(
      'identity.party-type-required',
    );
    expect(code(given(created).when(admit, { ...asVendor, ...supplier }, null))).toMatchObject([
      {},
      { data: { role: 'Vendor', ...scoped, party: { type: 'supplier', id: '10021' } } },
    ]);
    const both = { personId: ola, role: 'Admin', also: ['Accountant' as const] };
    expect(code(given(created).when(admit, both, null))).toBe('identity.sod-violated');
    const decision = code(given(created).when(admit, { ...both, mitigation: 'Reviewed by the board' }, null));
    expect(decision).toMatchObject([
      {},
      { data: { role: 'Admin', mitigation: null } },
      { data: { role: 'Accountant', mitigation: 'Reviewed by the board' } },
    ]);
    expect(code(given(created).when(admit, { ...olaIn, role: 'Boss' }, null))).toBe('identity.role-not-found');
  });

  it('is not added when the inviter may no longer give the role', () => {
    const invited = { personId: liv, role: 'Admin', also: [], invitedBy: ola };
    const inviter = roleDefined.of({ roleId: per, name: 'Inviter', description: '', permissions: ['identity.invitation.send'], fields: [] }); // prettier-ignore
    const invites = [...fjord, inviter, holds(ola, per)];
    expect(code(given(...invites).when(admit, invited, null))).toBe('identity.privilege-escalation');
    expect(code(given(...invites).when(admit, { ...invited, role: 'Accountant' }, null))).toHaveLength(2);
    expect(code(given(...fjord).when(admit, { ...invited, invitedBy: kari }, null))).toMatchObject([
      { data: { invitedBy: kari } },
      { data: { role: 'Admin', invitedBy: kari } },
    ]);
  });

  it('is not added when the inviter may no longer invite, whatever else they hold', () => {
    const invited = { personId: liv, role: 'Accountant', also: [], invitedBy: ola };
    expect(code(given(...fjord).when(admit, invited, null))).toBe('identity.inviter-not-permitted');
    const out = memberDeactivated.of({ personId: kari, reason });
    expect(code(given(...fjord, out).when(admit, { ...invited, invitedBy: kari }, null))).toBe(
      'identity.inviter-not-permitted',
    );
  });

  it('is not reactivated by somebody who could not give their roles', () => {
    const out = memberDeactivated.of({ personId: liv, reason });
    const away = [...fjord, admitted(liv), holds(liv, 'Admin'), out];
    const back = { personId: liv, reason };
    expect(code(given(...away).when('identity.member.reactivate', back, ola))).toBe('identity.privilege-escalation');
    expect(code(given(...away).when('identity.member.reactivate', back, kari))).toHaveLength(1);
    const ended = [...fjord, admitted(liv), holds(liv, 'Admin', { until: '2026-03-30' }), out];
    expect(code(given(...ended).when('identity.member.reactivate', back, ola))).toHaveLength(1);
  });

  it('is neither reactivated nor added again after being erased', () => {
    expect(code(given(created).when(admit, olaIn, null, { erased: true }))).toBe('identity.person-erased');
    const out = memberDeactivated.of({ personId: ola, reason });
    const back = { personId: ola, reason };
    const when = given(...fjord, out).when('identity.member.reactivate', back, kari, { erased: true });
    expect(code(when)).toBe('identity.person-erased');
  });

  it('is deactivated once and reactivated once', () => {
    const out = memberDeactivated.of({ personId: ola, reason });
    expect(code(given(...fjord).when(shutOut, { personId: ola, reason }))).toEqual([out]);
    expect(code(given(...fjord, out).when(shutOut, { personId: ola, reason }))).toBe('identity.member-deactivated');
    expect(code(given(...fjord).when(shutOut, { personId: liv, reason }))).toBe('identity.member-not-found');
    const back = memberReactivated.of({ personId: ola, reason });
    const reactivate = 'identity.member.reactivate';
    expect(code(given(...fjord, out).when(reactivate, { personId: ola, reason }))).toEqual([back]);
    expect(code(given(...fjord).when(reactivate, { personId: ola, reason }))).toBe('identity.member-active');
    expect(code(given(...fjord).when(reactivate, { personId: liv, reason }))).toBe('identity.member-not-found');
    expect(code(given(...fjord, out).when(admit, olaIn, null))).toBe('identity.member-deactivated');
    expect(code(given(...fjord).when(admit, olaIn, null))).toBe('identity.member-exists');
    const said = { name: 'Ola', email: 'ola@example.org' };
    const seen = memberDeactivated.of({ personId: ola, reason, ...said });
    expect(code(given(...fjord).when(shutOut, { personId: ola, reason, ...said }))).toEqual([seen]);
  });

  it('has custom fields, while they are active', () => {
    const customFields = [{ key: 'costCentre', label: 'Cost centre', kind: 'text', required: false, position: 0, status: 'active' }] as const; // prettier-ignore
    const change = (custom: Record<string, string | null>, ...before: TenantEvent[]) =>
      code(given(...before).when('identity.member.change', { personId: ola, custom }, null, { customFields }));
    const costCentre = memberChanged.of({ personId: ola, custom: { costCentre: '410' } });
    expect(change({ costCentre: '410' }, ...fjord)).toEqual([costCentre]);
    expect(change({ costCentre: '410' }, ...fjord, costCentre)).toEqual([]);
    expect(change({ costCentre: null }, ...fjord, costCentre)).toEqual([memberChanged.of({ personId: ola, custom: null })]); // prettier-ignore
    expect(change({ colour: 'red' }, ...fjord)).toBe('identity.member-invalid');
    expect(change({ costCentre: '7' }, ...fjord, memberDeactivated.of({ personId: ola, reason }))).toBe('identity.member-deactivated'); // prettier-ignore
    expect(change({ costCentre: '7' })).toBe('identity.tenant-not-found');
  });

  it('is not deactivated if they are the last Admin', () => {
    expect(code(given(...fjord).when(shutOut, { personId: kari, reason }))).toBe('identity.last-admin');
    const second = [admitted(liv), holds(liv, 'Admin')];
    expect(code(given(...fjord, ...second).when(shutOut, { personId: kari, reason }))).toHaveLength(1);
    const ending = [admitted(liv), holds(liv, 'Admin', { until: '2027-01-01' })];
    expect(code(given(...fjord, ...ending).when(shutOut, { personId: kari, reason }))).toBe('identity.last-admin');
    const inOne = [admitted(liv), holds(liv, 'Admin', { companyId: companyA })];
    expect(code(given(...fjord, ...inOne).when(shutOut, { personId: kari, reason }))).toBe('identity.last-admin');
  });
});
