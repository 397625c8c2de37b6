import { expectGolden } from '@daybook/event-store/testing/golden';
import { sodRuleRemoved, sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import { grantGiven, grantRevoked } from '../grant/grant.events.js';
import { memberAdded, memberChanged, memberDeactivated, memberReactivated } from '../member/member.events.js';
import { roleDefined, roleRedefined, roleRemoved } from '../role/role.events.js';
import { policySet, tenantCreated, tenantRenamed } from './tenant.events.js';
import { companyA, kari, ola, tenantId } from './testing/given.js';

const grantId = '0190a1b2-0000-7000-8000-0000000000e1';
const roleId = '0190a1b2-0000-7000-8000-0000000000d1';
const everywhere = { companyId: null, party: null, until: null, mitigation: null };
const scoped = {
  companyId: companyA,
  party: { type: 'supplier', id: '10021' } as const,
  until: '2026-12-31',
  mitigation: 'Reviewed each month',
};
const desk = {
  roleId,
  name: 'Desk',
  description: 'Looks after the front desk',
  permissions: ['accounting.entry.read'],
  fields: [{ field: 'identity.person.email', rule: 'mask' as const }],
};
const rule = {
  ruleId: 'give-and-post',
  first: 'identity.grant.give',
  second: 'accounting.entry.post',
  risk: 'Posts what nobody checks.',
  mitigation: null,
  onDocument: false,
};

describe('events of the tenant', () => {
  it('match their golden files', () => {
    expectGolden(tenantCreated, [{ tenantId, name: 'Fjord' }]);
    expectGolden(tenantRenamed, [{ tenantId, name: 'Fjell' }]);
    expectGolden(policySet, [{ tenantId, mfaRequired: true }]);
    expectGolden(memberAdded, [
      { personId: ola, invitedBy: null, invitationId: null },
      { personId: ola, invitedBy: kari, invitationId: grantId },
    ]);
    expectGolden(memberDeactivated, [
      { personId: ola, reason: 'Left the firm' },
      { personId: ola, reason: 'Left the firm', name: 'Ola Nordmann', email: 'ola@example.org' },
    ]);
    expectGolden(memberReactivated, [{ personId: ola, reason: 'Came back' }]);
    expectGolden(memberChanged, [
      { personId: ola, custom: { costCentre: '410', remote: true } },
      { personId: ola, custom: null },
    ]);
    expectGolden(grantGiven, [
      { grantId, holder: 'person', holderId: ola, role: 'Admin', ...everywhere },
      { grantId, holder: 'service', holderId: ola, role: roleId, ...scoped },
    ]);
    expectGolden(grantRevoked, [
      { grantId, holder: 'person', holderId: ola, role: 'Admin', reason: 'No longer needed' },
      { grantId, holder: 'person', holderId: ola, role: 'Admin', reason: null },
    ]);
    expectGolden(roleDefined, [desk]);
    expectGolden(roleRedefined, [{ ...desk, fields: [] }]);
    expectGolden(roleRemoved, [{ roleId, name: 'Desk' }]);
    expectGolden(sodRuleSet, [rule, { ...rule, mitigation: 'A second person reviews it', onDocument: true }]);
    expectGolden(sodRuleRemoved, [{ ruleId: 'give-and-post' }]);
  });
});
