import { recorded, rowsAfter, testTenant as tenantId } from '@daybook/projections/testing/given';
import { sodRuleRemoved, sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import { grantGiven, grantRevoked } from '../grant/grant.events.js';
import { memberAdded, memberDeactivated, memberReactivated } from '../member/member.events.js';
import { sessionOpened } from '../session/session.events.js';
import { roleDefined, roleRedefined, roleRemoved } from '../role/role.events.js';
import { policySet, tenantCreated, tenantRenamed } from '../tenant/tenant.events.js';
import { access } from './access.projection.js';

const kari = '0190a1b2-0000-7000-8000-0000000000c1';
const roleId = '0190a1b2-0000-7000-8000-0000000000d1';
const grantId = '0190a1b2-0000-7000-8000-0000000000e1';
const at = (version: number) => ({ meta: { record: { type: 'identity.any', id: kari, version } } });
const everywhere = { companyId: null, party: null, until: null, mitigation: null };
const admitted = recorded(memberAdded, { personId: kari, invitedBy: null, invitationId: null }, at(1));
const given = { grantId, holder: 'person', holderId: kari, role: 'Auditor', ...everywhere } as const;

describe('the access read model', () => {
  it('lists the tenant and its policy', () => {
    const rows = rowsAfter(access, [
      recorded(tenantCreated, { tenantId, name: 'Fjord' }),
      recorded(tenantRenamed, { tenantId, name: 'Fjell' }, at(2)),
      recorded(policySet, { tenantId, mfaRequired: true }, at(3)),
    ]);
    expect(rows['tenants']).toMatchObject([{ tenantId, name: 'Fjell', mfaRequired: true, version: 3 }]);
  });

  it('lists members with their current status', () => {
    const left = recorded(memberDeactivated, { personId: kari, reason: 'Left' }, at(2));
    const back = recorded(memberReactivated, { personId: kari, reason: 'Back' }, at(3));
    expect(rowsAfter(access, [admitted, left])['members']).toMatchObject([
      { personId: kari, status: 'deactivated', since: admitted.recordedAt, version: 2 },
    ]);
    expect(rowsAfter(access, [admitted, left, left])).toEqual(rowsAfter(access, [admitted, left]));
    expect(rowsAfter(access, [admitted, left, back])['members']).toMatchObject([{ status: 'active', version: 3 }]);
  });

  it('keeps the last known name of a deactivated member until they sign in again', () => {
    const said = { name: 'Kari', email: 'kari@example.org' };
    const left = recorded(memberDeactivated, { personId: kari, reason: 'Left', ...said }, at(2));
    const back = recorded(memberReactivated, { personId: kari, reason: 'Back' }, at(3));
    const opened = recorded(sessionOpened, { sessionId: grantId, personId: kari, methods: ['password'], device: 'Firefox', until: "2026-04-30T12:00:00Z" }); // prettier-ignore
    const formerMembers = (...events: Parameters<typeof rowsAfter>[1]) =>
      rowsAfter(access, [admitted, ...events])['former_members'];
    expect(formerMembers(left, back)).toEqual([{ personId: kari, ...said }]);
    expect(formerMembers(left, back, opened)).toEqual([]);
    expect(formerMembers(opened, opened)).toEqual([]);
    // The word of an SSO provider of the tenant does not prove that the person is back.
    const vouched = recorded(sessionOpened, { ...opened.data, methods: ['sso-mfa'] });
    expect(formerMembers(left, back, vouched, vouched)).toEqual([{ personId: kari, ...said }]);
    const unsaid = recorded(memberDeactivated, { personId: kari, reason: 'Left' }, at(2));
    expect(formerMembers(unsaid)).toEqual([{ personId: kari, name: null, email: null }]);
  });

  it('lists grants until they are revoked, with who gave them and when', () => {
    const giving = recorded(grantGiven, given, at(1));
    const revoked = recorded(grantRevoked, {
      grantId,
      holder: 'person',
      holderId: kari,
      role: 'Auditor',
      reason: null,
    });
    expect(rowsAfter(access, [giving])['grants']).toMatchObject([
      { ...given, givenAt: giving.recordedAt, givenBy: 'ingrid' },
    ]);
    expect(rowsAfter(access, [giving, revoked])['grants']).toEqual([]);
  });

  it('names the inviter, not the person who accepted, as the giver of an invited role', () => {
    const accepted = recorded(grantGiven, { ...given, invitedBy: roleId }, at(1));
    const [row] = rowsAfter(access, [accepted])['grants'] ?? [];
    expect(row).toMatchObject({ ...given, givenBy: roleId });
    expect(row).not.toHaveProperty('invitedBy');
  });

  it("lists the tenant's own roles by their latest definition", () => {
    const desk = { roleId, name: 'Desk', description: '', permissions: ['accounting.entry.read'], fields: [] };
    const fields = [{ field: 'identity.person.email', rule: 'hide' as const }];
    const defined = recorded(roleDefined, desk, at(1));
    const changed = recorded(roleRedefined, { ...desk, fields }, at(2));
    expect(rowsAfter(access, [defined])['roles']).toMatchObject([{ ...desk, version: 1 }]);
    expect(rowsAfter(access, [defined, changed])['roles']).toMatchObject([{ ...desk, fields, version: 2 }]);
    expect(rowsAfter(access, [defined, recorded(roleRemoved, { roleId, name: 'Desk' })])['roles']).toEqual([]);
  });

  it('lists segregation of duties rules that the tenant set or removed', () => {
    const rule = { ruleId: 'give-and-post', first: 'a.b.c', second: 'a.b.d', risk: 'R', mitigation: null };
    const set = recorded(sodRuleSet, { ...rule, onDocument: true }, at(1));
    const removed = recorded(sodRuleRemoved, { ruleId: 'give-and-post' }, at(2));
    expect(rowsAfter(access, [set])['sod_rules']).toMatchObject([{ ...rule, removed: false, version: 1 }]);
    expect(rowsAfter(access, [set, removed])['sod_rules']).toMatchObject([{ removed: true, version: 2 }]);
  });
});
