import type { InputOf } from '@daybook/kernel';
import { grantRevoked } from '../grant/grant.events.js';
import { memberDeactivated } from '../member/member.events.js';
import { roleDefined } from '../role/role.events.js';
import { serviceCreated } from '../service/service.events.js';
import { sodRuleSet } from '../segregation-of-duties/sod-rule.events.js';
import type { giveGrant } from '../grant/grant.operations.js';
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

type Asked = Partial<Pick<InputOf<typeof giveGrant>, 'companyId' | 'partyType' | 'party' | 'until'>>;
const give = 'identity.grant.give';
const to = (holderId: string, role: string, more: Asked = {}) => ({
  holder: 'person' as const,
  holderId,
  role,
  ...more,
});
const withLiv = [...fjord, admitted(liv)];
const desk = '0190a1b2-0000-7000-8000-0000000000d1';
const deskRole = (permissions: string[], fields: { field: string; rule: 'hide' | 'mask' }[] = []) =>
  roleDefined.of({ roleId: desk, name: 'Desk', description: '', permissions, fields });

describe('a grant', () => {
  it('needs an active member, an existing role and a last day that has not passed', () => {
    expect(code(given(...withLiv).when(give, to(liv, 'Auditor')))).toMatchObject([
      { type: 'identity.grant-given', data: { holderId: liv, role: 'Auditor', companyId: null, until: null } },
    ]);
    expect(code(given(...fjord).when(give, to(liv, 'Auditor')))).toBe('identity.member-not-found');
    const out = memberDeactivated.of({ personId: liv, reason: 'Away' });
    expect(code(given(...withLiv, out).when(give, to(liv, 'Auditor')))).toBe('identity.member-deactivated');
    expect(code(given(...withLiv).when(give, to(liv, 'Boss')))).toBe('identity.role-not-found');
    expect(code(given(...withLiv).when(give, to(liv, 'Auditor', { until: '2026-03-30' })))).toBe(
      'identity.grant-ended',
    );
    expect(code(given(...withLiv).when(give, to(liv, 'Auditor', { until: '2026-03-31' })))).toHaveLength(1);
  });

  it('needs a company of the tenant where it names one, except in what the operator sets up', () => {
    const inA = to(liv, 'Auditor', { companyId: companyA });
    const elsewhere = { companyExists: false };
    expect(rejected(given(...withLiv).when(give, inA, undefined, elsewhere))).toMatchObject({
      code: 'identity.company-not-found',
      status: 404,
      errors: [{ pointer: '/companyId', code: 'identity.company-not-found' }],
    });
    expect(code(given(...withLiv).when(give, inA, null, elsewhere))).toHaveLength(1);
    expect(code(given(...withLiv).when(give, to(liv, 'Auditor'), undefined, elsewhere))).toHaveLength(1);
  });

  it('needs an existing service account', () => {
    const service = { ...to(per, 'Auditor'), holder: 'service' as const };
    expect(code(given(...withLiv).when(give, service))).toBe('identity.service-not-found');
  });

  it('is not given twice for the same place and time', () => {
    const had = [...withLiv, holds(liv, 'Auditor', { companyId: companyA })];
    expect(code(given(...had).when(give, to(liv, 'Auditor', { companyId: companyA })))).toBe('identity.grant-exists');
    expect(code(given(...had).when(give, to(liv, 'Auditor', { companyId: companyB })))).toHaveLength(1);
    const ended = [...withLiv, holds(liv, 'Auditor', { until: '2026-03-30' })];
    expect(code(given(...ended).when(give, to(liv, 'Auditor')))).toHaveLength(1);
  });

  it('for a customer or supplier needs the company and a role that sees nothing else', () => {
    expect(code(given(...withLiv).when(give, to(liv, 'Vendor')))).toBe('identity.party-required');
    expect(code(given(...withLiv).when(give, to(liv, 'Vendor', { partyType: 'supplier', party: '10021' })))).toBe(
      'identity.party-company-required',
    );
    const placed = { partyType: 'supplier', party: '10021', companyId: companyA } as const;
    expect(code(given(...withLiv).when(give, to(liv, 'Staff', placed)))).toBe('identity.party-not-for-role');
    expect(code(given(...withLiv).when(give, to(liv, 'Vendor', placed)))).toMatchObject([
      { data: { party: { type: 'supplier', id: '10021' } } },
    ]);
  });

  it('for a party needs the register of its id: customer 10021 and supplier 10021 are two', () => {
    const placed = { companyId: companyA, party: '10021' };
    expect(rejected(given(...withLiv).when(give, to(liv, 'Vendor', placed)))).toMatchObject({
      code: 'identity.party-type-required',
      errors: [{ pointer: '/partyType' }],
    });
    const kind = { companyId: companyA, partyType: 'customer' } as const;
    expect(rejected(given(...withLiv).when(give, to(liv, 'Vendor', kind)))).toMatchObject({
      code: 'identity.party-required',
      errors: [{ pointer: '/party' }],
    });
    const had = [...withLiv, holds(liv, 'Vendor', { companyId: companyA, party: { type: 'supplier', id: '10021' } })];
    const as = (partyType: 'customer' | 'supplier') => to(liv, 'Vendor', { ...placed, partyType });
    expect(code(given(...had).when(give, as('supplier')))).toBe('identity.grant-exists');
    expect(code(given(...had).when(give, as('customer')))).toHaveLength(1);
  });

  it('for a party does not cover another party with the same id', () => {
    const supplier = { companyId: companyA, party: { type: 'supplier', id: '10021' } } as const;
    const had = [...withLiv, admitted(per), holds(per, 'Vendor', supplier)];
    const wanted = (partyType: 'customer' | 'supplier') =>
      to(liv, 'Vendor', { companyId: companyA, party: '10021', partyType });
    expect(code(given(...had).when(give, wanted('customer'), per))).toBe('identity.privilege-escalation');
    expect(code(given(...had).when(give, wanted('supplier'), per))).toHaveLength(1);
  });

  it('cannot be given to oneself', () => {
    expect(rejected(given(...fjord).when(give, to(kari, 'Auditor')))).toMatchObject({
      code: 'identity.grant-to-self',
      status: 403,
    });
  });

  it('gives no more than the giver holds, unless the giver is Admin', () => {
    const may = deskRole(['identity.grant.give', 'accounting.entry.read', 'identity.password.change']);
    const livGives = [...withLiv, may, holds(liv, desk), admitted(per)];
    expect(code(given(...livGives).when(give, to(per, desk), liv))).toHaveLength(1);
    expect(rejected(given(...livGives).when(give, to(per, 'Auditor'), liv))).toMatchObject({
      code: 'identity.privilege-escalation',
      details: { permission: 'accounting.subledger-line.read' },
    });
    const inA = [...withLiv, may, holds(liv, desk, { companyId: companyA }), admitted(per)];
    expect(code(given(...inA).when(give, to(per, desk, { companyId: companyA }), liv))).toHaveLength(1);
    expect(code(given(...inA).when(give, to(per, desk, { companyId: companyB }), liv))).toBe(
      'identity.privilege-escalation',
    );
    expect(code(given(...inA).when(give, to(per, desk), liv))).toBe('identity.privilege-escalation');
    const over = [...withLiv, may, holds(liv, desk, { until: '2026-03-30' }), admitted(per)];
    expect(code(given(...over).when(give, to(per, desk), liv))).toBe('identity.privilege-escalation');
  });

  it('shows no field that is hidden from the giver', () => {
    const blind = deskRole(['accounting.entry.read', 'identity.grant.give'], [{ field: 'accounting.entry.description', rule: 'hide' }]); // prettier-ignore
    const seeing = roleDefined.of({ roleId: per, name: 'Seeing', description: '', permissions: ['accounting.entry.read'], fields: [] }); // prettier-ignore
    const books = [...withLiv, blind, seeing, holds(liv, desk), admitted(per)];
    expect(code(given(...books).when(give, to(per, per), liv))).toBe('identity.privilege-escalation');
    expect(code(given(...books).when(give, to(per, desk), liv))).toHaveLength(1);
  });

  it('is revoked once, and never from the last Admin', () => {
    const [ofKari, ofOla] = [grantIdOf(kari, 'Admin'), grantIdOf(ola, 'Accountant')];
    const revoke = 'identity.grant.revoke';
    const revoked = grantRevoked.of({
      grantId: ofOla,
      holder: 'person',
      holderId: ola,
      role: 'Accountant',
      reason: 'R',
    });
    expect(code(given(...fjord).when(revoke, { grantId: ofOla, reason: 'R' }))).toEqual([revoked]);
    expect(code(given(...fjord, revoked).when(revoke, { grantId: ofOla, reason: 'R' }))).toBe(
      'identity.grant-not-found',
    );
    expect(code(given(...fjord).when(revoke, { grantId: ofKari, reason: 'R' }))).toBe('identity.last-admin');
    const livOut = [...withLiv, holds(liv, 'Admin'), memberDeactivated.of({ personId: liv, reason: 'R' })];
    expect(code(given(...livOut).when(revoke, { grantId: ofKari, reason: 'R' }))).toBe('identity.last-admin');
    const all = deskRole(['identity.grant.give', 'identity.role.change', 'identity.grant.revoke']);
    expect(code(given(...withLiv, all, holds(liv, desk)).when(revoke, { grantId: ofKari, reason: 'R' }))).toBe('identity.last-admin'); // prettier-ignore
  });
});

describe('segregation of duties', () => {
  it('refuses incompatible permissions for one person, naming the rule and both grants', () => {
    const refused = rejected(given(...fjord).when(give, to(ola, 'Admin')));
    expect(refused).toMatchObject({
      code: 'identity.sod-violated',
      details: {
        ruleId: 'give-and-post',
        first: { permission: 'identity.grant.give', role: 'Admin' },
        second: { permission: 'accounting.entry.post', grantId: grantIdOf(ola, 'Accountant'), role: 'Accountant' },
        mitigable: true,
      },
    });
  });

  it('accepts a compensating control if the rule allows one', () => {
    const word = { ...to(ola, 'Admin'), mitigation: 'The board reads the trail each month' };
    expect(code(given(...fjord).when(give, word))).toMatchObject([{ data: { mitigation: word.mitigation } }]);
    const strict = sodRuleSet.of({
      ruleId: 'give-and-post',
      first: 'identity.grant.give',
      second: 'accounting.entry.post',
      risk: 'Fraud.',
      mitigation: null,
      onDocument: false,
    });
    expect(rejected(given(...fjord, strict).when(give, word)).details).toMatchObject({ mitigable: false });
  });

  it('does not apply across two companies, or after one grant has ended', () => {
    const posts = deskRole(['accounting.entry.post']);
    const gives = roleDefined.of({ roleId: per, name: 'Gives', description: '', permissions: ['identity.grant.give'], fields: [] }); // prettier-ignore
    const inA = [...withLiv, posts, gives, holds(liv, desk, { companyId: companyA })];
    expect(code(given(...inA).when(give, to(liv, per, { companyId: companyA })))).toBe('identity.sod-violated');
    expect(code(given(...inA).when(give, to(liv, per, { companyId: companyB })))).toHaveLength(1);
    const over = [...withLiv, posts, gives, holds(liv, desk, { until: '2026-03-30' })];
    expect(code(given(...over).when(give, to(liv, per)))).toHaveLength(1);
  });

  it('lets one person hold permissions that are only kept apart per document', () => {
    const approves = deskRole(['approvals.request.approve']);
    expect(code(given(...fjord, approves).when(give, to(ola, desk)))).toHaveLength(1);
  });

  it('keeps no mitigation if there is no violation', () => {
    const word = { ...to(liv, 'Auditor'), mitigation: 'To be safe' };
    expect(code(given(...withLiv).when(give, word))).toMatchObject([{ data: { mitigation: null } }]);
  });
});

describe('an API key of a service account', () => {
  const shop = '0190a1b2-0000-7000-8000-0000000000e1';
  const key = {
    keyId: '0190a1b2-0000-7000-8000-0000000000e2',
    prefix: 'dbk_00000000',
    name: 'Orders',
    until: '2026-06-01T00:00:00.000Z',
    addresses: [],
    holder: 'service' as const,
    holderId: shop,
  };
  const service = serviceCreated.of({ serviceId: shop, name: 'Webshop', description: '', createdBy: kari });
  const posts = holds(shop, 'Accountant', { holder: 'service' });
  const record = 'identity.api-key.record';

  it('cannot carry more rights than its issuer could give', () => {
    const keeper = given(...withLiv, service, posts);
    const wanted = { ...key, scopes: ['accounting.entry.post'] };
    expect(rejected(keeper.when(record, wanted, liv))).toMatchObject({
      code: 'identity.privilege-escalation',
      details: { permission: 'accounting.entry.post' },
    });
    expect(code(keeper.when(record, { ...key, scopes: ['audit.*.read'] }, liv))).toBe('identity.privilege-escalation');
    expect(code(keeper.when(record, wanted, ola))).toHaveLength(1);
    expect(code(keeper.when(record, wanted, kari))).toHaveLength(1);
    // A key gives nothing that the service account does not hold.
    expect(code(keeper.when(record, { ...key, scopes: ['identity.grant.give'] }, liv))).toHaveLength(1);
  });
});
