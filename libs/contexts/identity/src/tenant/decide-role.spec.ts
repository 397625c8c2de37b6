import { roleDefined, roleRedefined, roleRemoved } from '../role/role.events.js';
import { sodRuleRemoved, sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import {
  admitted,
  code,
  companyA,
  companyB,
  fjord,
  given,
  grantIdOf,
  holds,
  kari,
  liv,
  ola,
  per,
  rejected,
} from './testing/given.js';

const roleId = '0190a1b2-0000-7000-8000-0000000000d1';
const desk = { name: 'Desk', description: '', permissions: ['accounting.entry.read'], fields: [] };
const defined = roleDefined.of({ roleId, ...desk });
const withDesk = [...fjord, defined, admitted(liv), holds(liv, roleId)];
const [define, change, remove] = ['identity.role.define', 'identity.role.change', 'identity.role.remove'] as const;

describe("a role of the tenant's own", () => {
  it('needs existing permissions and fields, and a unique name', () => {
    const wanted = { ...desk, permissions: ['identity.member.read', 'accounting.entry.read', 'identity.member.read'] };
    expect(code(given(...fjord).when(define, wanted, kari, { newId: roleId }))).toEqual([
      roleDefined.of({ roleId, ...desk, permissions: ['accounting.entry.read', 'identity.member.read'] }),
    ]);
    expect(rejected(given(...fjord).when(define, { ...desk, permissions: ['accounting.*'] }))).toMatchObject({
      code: 'identity.permission-not-found',
      errors: [{ pointer: '/permissions/0' }],
    });
    const hides = (field: string) => ({ ...desk, fields: [{ field, rule: 'hide' as const }] });
    expect(code(given(...fjord).when(define, hides('accounting.entry.weather')))).toBe('identity.permission-not-found');
    expect(code(given(...fjord).when(define, hides('identity.person.email')))).toHaveLength(1);
    const twice = {
      ...desk,
      fields: [...hides('identity.person.email').fields, ...hides('identity.person.email').fields],
    };
    expect(code(given(...fjord).when(define, twice))).toBe('identity.field-duplicate');
    expect(code(given(...fjord).when(define, { ...desk, name: 'admin' }))).toBe('identity.role-name-exists');
    expect(code(given(...fjord, defined).when(define, { ...desk, name: 'DESK' }))).toBe('identity.role-name-exists');
  });

  it('is changed at the expected version; built-in roles are not', () => {
    const more = { ...desk, name: 'Front desk' };
    const changed = roleRedefined.of({ roleId, name: more.name });
    expect(code(given(...withDesk).when(change, { roleId, ...more }))).toEqual([changed]);
    expect(code(given(...withDesk, changed).when(change, { roleId, ...desk }, kari, { expectedVersion: 1 }))).toBe(
      'platform.version-stale',
    );
    expect(code(given(...withDesk).when(change, { roleId: 'Auditor', ...desk }))).toBe('identity.role-built-in');
    expect(code(given(...fjord).when(change, { roleId, ...desk }))).toBe('identity.role-not-found');
  });

  it('keeps what a change leaves out', () => {
    const fields = [{ field: 'identity.person.email', rule: 'mask' as const }];
    const masks = roleDefined.of({ roleId, ...desk, description: 'At the door', fields });
    const of = given(...fjord, masks, admitted(liv), holds(liv, roleId));
    expect(code(of.when(change, { roleId, name: 'Front desk' }))).toEqual([
      roleRedefined.of({ roleId, name: 'Front desk' }),
    ]);
    expect(code(of.when(change, { roleId, fields: [] }))).toEqual([roleRedefined.of({ roleId, fields: [] })]);
    expect(code(of.when(change, { roleId, ...desk, description: 'At the door', fields }))).toEqual([]);
  });

  it('is not changed by its holders, nor beyond what the changing person holds', () => {
    const more = { roleId, ...desk, permissions: ['accounting.entry.read', 'audit.event.read'] };
    expect(code(given(...withDesk).when(change, more, liv))).toBe('identity.own-role-change');
    const changer = roleDefined.of({ roleId: ola, ...desk, name: 'Changer', permissions: ['identity.role.change', 'accounting.entry.read'] }); // prettier-ignore
    const olaChanges = [...withDesk, changer, holds(ola, ola)];
    const rest = { roleId, ...desk, name: 'Front desk' };
    expect(code(given(...olaChanges).when(change, rest, ola))).toHaveLength(1);
    expect(code(given(...fjord.slice(0, 4), changer, holds(ola, ola), defined).when(change, more, ola))).toBe('identity.privilege-escalation'); // prettier-ignore
  });

  it('cannot be given or loosened by somebody from whom the masked field is hidden', () => {
    const email = (rule: 'hide' | 'mask') => ({ ...desk, fields: [{ field: 'identity.person.email', rule }] });
    const blind = roleDefined.of({ roleId: ola, ...email('hide'), name: 'Blind', permissions: ['identity.role.change', 'identity.grant.give', 'accounting.entry.read'] }); // prettier-ignore
    const hides = roleDefined.of({ roleId, ...email('hide') });
    const masks = roleDefined.of({ roleId, ...email('mask') });
    const of = (role: typeof hides) => given(...fjord.slice(0, 4), blind, holds(ola, ola), role, admitted(liv));
    const give = { holder: 'person' as const, holderId: liv, role: roleId };
    expect(code(of(hides).when('identity.grant.give', give, ola))).toHaveLength(1);
    expect(code(of(masks).when('identity.grant.give', give, ola))).toBe('identity.privilege-escalation');
    expect(code(of(hides).when(change, { roleId, ...email('mask') }, ola))).toBe('identity.privilege-escalation');
    expect(code(of(hides).when(change, { roleId, ...email('mask') }))).toHaveLength(1);
  });

  it('is not changed if a holder would get two incompatible permissions, whatever the mitigation', () => {
    const both = ['accounting.entry.post', 'identity.grant.give'];
    expect(rejected(given(...withDesk).when(change, { roleId, ...desk, permissions: both }))).toMatchObject({
      code: 'identity.sod-violated',
      details: { ruleId: 'give-and-post', mitigable: false },
    });
    expect(code(given(...fjord, defined).when(change, { roleId, ...desk, permissions: both }))).toHaveLength(1);
  });

  it("is checked, when it gains a permission, against its holders' other grants in the same company", () => {
    const posts = { roleId, ...desk, permissions: ['accounting.entry.read', 'accounting.entry.post'] };
    const gives = roleDefined.of({ roleId: per, ...desk, name: 'Gives', permissions: ['identity.grant.give'] });
    const begun = [...fjord, defined, gives, admitted(liv)];
    const may = (...grants: ReturnType<typeof holds>[]) => code(given(...begun, ...grants).when(change, posts));
    const [inA, inB] = [{ companyId: companyA }, { companyId: companyB }];
    expect(may(holds(liv, roleId, inA), holds(liv, per, inA))).toBe('identity.sod-violated');
    expect(may(holds(liv, roleId, inA), holds(liv, per))).toBe('identity.sod-violated');
    expect(may(holds(liv, roleId, inA), holds(liv, per, inB))).toHaveLength(1);
    expect(may(holds(liv, roleId), holds(liv, per, { until: '2026-03-30' }))).toHaveLength(1);
    expect(may(holds(liv, roleId), holds(liv, per, { until: '2026-03-31' }))).toBe('identity.sod-violated');
    // A mitigation of another grant does not count.
    expect(may(holds(liv, roleId), holds(liv, per, { mitigation: 'Reviewed' }))).toBe('identity.sod-violated');
    // A service account is checked like a person.
    const service = { holder: 'service' as const };
    expect(may(holds(liv, roleId, service), holds(liv, per, service))).toBe('identity.sod-violated');
  });

  it('is removed only when nobody holds it', () => {
    expect(code(given(...withDesk).when(remove, { roleId }))).toBe('identity.role-in-use');
    expect(code(given(...fjord, defined).when(remove, { roleId }))).toEqual([roleRemoved.of({ roleId, name: 'Desk' })]);
    expect(code(given(...fjord).when(remove, { roleId }))).toBe('identity.role-not-found');
    expect(code(given(...fjord).when(remove, { roleId: 'Admin' }))).toBe('identity.role-built-in');
  });
});

describe('a segregation of duties rule', () => {
  const rule = {
    ruleId: 'read-and-give',
    first: 'audit.event.read',
    second: 'accounting.entry.post',
    risk: 'Covers their tracks.',
    onDocument: false,
  };
  const [set, unset] = ['identity.sod-rule.set', 'identity.sod-rule.remove'] as const;

  it('needs two existing permissions and no violations', () => {
    const free = { ...rule, first: 'accounting.account.add', second: 'identity.role.change', mitigation: 'Reviews' };
    expect(code(given(...fjord.slice(0, 1)).when(set, free))).toEqual([sodRuleSet.of(free)]);
    expect(code(given(...fjord).when(set, { ...rule, second: rule.first }))).toBe('identity.sod-rule-invalid');
    expect(code(given(...fjord).when(set, { ...rule, second: 'books.cook' }))).toBe('identity.permission-not-found');
    expect(rejected(given(...fjord).when(set, rule))).toMatchObject({
      code: 'identity.sod-violated',
      details: { first: { role: 'Accountant' }, second: { role: 'Accountant' } },
    });
    expect(code(given(...fjord).when(set, { ...rule, onDocument: true }))).toHaveLength(1);
  });

  it('keeps what a change leaves out, and needs every field when it is new', () => {
    const free = { ...rule, first: 'accounting.account.add', second: 'identity.role.change', mitigation: 'Reviews' };
    const { ruleId } = rule;
    const of = given(...fjord.slice(0, 1), sodRuleSet.of({ ...free, onDocument: true }));
    expect(code(of.when(set, { ruleId, risk: 'Other' }))).toEqual([
      sodRuleSet.of({ ...free, onDocument: true, risk: 'Other' }),
    ]);
    expect(code(of.when(set, { ruleId, mitigation: null }))).toEqual([
      sodRuleSet.of({ ...free, onDocument: true, mitigation: null }),
    ]);
    expect(rejected(given(...fjord).when(set, { ruleId, first: free.first }))).toMatchObject({
      code: 'identity.sod-rule-incomplete',
      errors: [{ pointer: '/second' }, { pointer: '/risk' }],
    });
  });

  it('is not satisfied by a mitigation given for another rule', () => {
    const about = { mitigation: 'The board reviews what they give' };
    const both = [...fjord.slice(0, 4), admitted(liv), holds(ola, 'Admin'), holds(ola, 'Accountant', about)];
    const wanted = { ...rule, first: 'identity.member.read', mitigation: 'Somebody else reviews' };
    expect(rejected(given(...both).when(set, wanted))).toMatchObject({
      code: 'identity.sod-violated',
      details: { mitigable: false },
      message: expect.stringContaining('Revoke one of the roles and give it again'),
    });
    // A mitigation given for the rule itself still counts when only its texts change.
    const said = { ...rule, ruleId: 'give-and-post', first: 'identity.grant.give', mitigation: 'Others review' };
    expect(code(given(...both).when(set, said))).toHaveLength(1);
    expect(
      code(given(...both).when(set, { ...said, first: 'accounting.entry.post', second: said.first })),
    ).toHaveLength(1);
    expect(code(given(...both).when(set, { ...said, first: 'identity.member.read' }))).toBe('identity.sod-violated');
  });

  it('lists all violations when it cannot be set', () => {
    const more = [...fjord, admitted(liv), holds(liv, 'Accountant')];
    expect(rejected(given(...more).when(set, rule))).toMatchObject({
      message: expect.stringContaining('2 holders violate this rule'),
      details: {
        holders: 2,
        violations: [
          { holderId: ola, first: grantIdOf(ola, 'Accountant'), second: grantIdOf(ola, 'Accountant') },
          { holderId: liv },
        ],
      },
    });
  });

  it('is replaced and removed at the expected version even if built in', () => {
    const own = { ...rule, ruleId: 'give-and-post', onDocument: true };
    expect(code(given(...fjord).when(set, own, kari, { expectedVersion: 0 }))).toHaveLength(1);
    expect(code(given(...fjord).when(set, own, kari, { expectedVersion: 3 }))).toBe('platform.version-stale');
    const removed = sodRuleRemoved.of({ ruleId: 'give-and-post' });
    expect(code(given(...fjord).when(unset, { ruleId: 'give-and-post' }))).toEqual([removed]);
    expect(code(given(...fjord, removed).when(unset, { ruleId: 'give-and-post' }))).toBe('identity.sod-rule-not-found');
    expect(code(given(...fjord).when(unset, { ruleId: 'no-such' }))).toBe('identity.sod-rule-not-found');
    const give = { holder: 'person' as const, holderId: ola, role: 'Admin' };
    const both = sodRuleRemoved.of({ ruleId: 'give-and-import' });
    const roles = ['roles-and-post', 'roles-and-import'].map((ruleId) => sodRuleRemoved.of({ ruleId }));
    expect(code(given(...fjord, removed, both, ...roles).when('identity.grant.give', give))).toHaveLength(1);
  });
});
