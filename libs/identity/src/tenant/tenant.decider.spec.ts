import { isRejection, type NewEvent } from '@daybook/kernel';
import { tenantDecider, type TenantState } from './tenant.decider.js';
import { membershipGranted, roleChanged, tenantCreated, type TenantEvent } from './tenant.events.js';
import type { TenantCommand } from './tenant.operations.js';

const tenantId = '0190a1b2-0000-7000-8000-00000000a001';
const kari = '0190a1b2-0000-7000-8000-0000000000c1';
const ola = '0190a1b2-0000-7000-8000-0000000000c2';
const created = tenantCreated.of({ tenantId, name: 'Fjord' });
const kariAdmin = membershipGranted.of({ tenantId, personId: kari, role: 'Admin' });
const olaAuditor = membershipGranted.of({ tenantId, personId: ola, role: 'Auditor' });

const given = (...events: TenantEvent[]) => ({
  when: (command: TenantCommand, expectedVersion: number | null = null) => {
    const state = events.reduce<TenantState>(
      (s, e, revision) => tenantDecider.evolve(s, e, { revision }),
      tenantDecider.initial,
    );
    const context = {
      now: '2026-01-01T00:00:00Z',
      tenant: tenantId,
      actor: 'set-up',
      commandId: 'c',
      newId: 'n',
      expectedVersion,
      reason: null,
    };
    const decision = tenantDecider.decide(command, state, context, undefined);
    return isRejection(decision) ? decision.code : ([...decision.events] as NewEvent[]);
  },
});
const create: TenantCommand = { name: 'identity.tenant.create', input: { name: 'Fjord' } };
const grant = (personId: string, role: 'Admin' | 'Auditor'): TenantCommand => ({
  name: 'identity.membership.grant',
  input: { personId, role },
});
const change = (personId: string, role: 'Admin' | 'Accountant' | 'Auditor'): TenantCommand => ({
  name: 'identity.membership.change',
  input: { personId, role },
});

describe('a tenant', () => {
  it('is created once', () => {
    expect(given().when(create)).toEqual([created]);
    expect(given(created).when(create)).toBe('identity.tenant-exists');
  });

  it('has no members before it exists', () => {
    expect(given().when(grant(kari, 'Admin'))).toBe('identity.tenant-missing');
    expect(given().when(change(kari, 'Admin'))).toBe('identity.tenant-missing');
  });

  it('grants each person one membership', () => {
    expect(given(created).when(grant(kari, 'Admin'))).toEqual([kariAdmin]);
    expect(given(created, kariAdmin).when(grant(kari, 'Auditor'))).toBe('identity.member-exists');
  });

  it('changes roles of members, to another role', () => {
    const changed = roleChanged.of({ tenantId, personId: ola, role: 'Accountant', before: 'Auditor' });
    expect(given(created, kariAdmin, olaAuditor).when(change(ola, 'Accountant'))).toEqual([changed]);
    expect(given(created, kariAdmin, olaAuditor).when(change(ola, 'Auditor'))).toBe('identity.role-same');
    expect(given(created, kariAdmin).when(change(ola, 'Auditor'))).toBe('identity.member-missing');
  });

  it('keeps an Admin', () => {
    expect(given(created, kariAdmin, olaAuditor).when(change(kari, 'Auditor'))).toBe('identity.last-admin');
    const olaAdmin = roleChanged.of({ tenantId, personId: ola, role: 'Admin', before: 'Auditor' });
    expect(given(created, kariAdmin, olaAuditor, olaAdmin).when(change(kari, 'Auditor'))).toHaveLength(1);
  });

  it('refuses a change of a role that somebody changed meanwhile', () => {
    const changed = roleChanged.of({ tenantId, personId: ola, role: 'Accountant', before: 'Auditor' });
    expect(given(created, kariAdmin, olaAuditor, changed).when(change(ola, 'Admin'), 1)).toBe('platform.version-stale');
    expect(given(created, kariAdmin, olaAuditor, changed).when(change(ola, 'Admin'), 2)).toHaveLength(1);
  });
});
