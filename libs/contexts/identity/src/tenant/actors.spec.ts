import { declaredPermissions, type NewEvent } from '@daybook/kernel';
import { deciding, outcome } from '@daybook/projections/testing/given';
import { apiKeyIssued, apiKeyRevoked } from '../api-key/api-key.events.js';
import { memberAdded, memberDeactivated } from '../member/member.events.js';
import { serviceCreated, serviceDeactivated } from '../service/service.events.js';
import {
  delegatedAccessAllowed,
  delegatedAccessEnded,
  delegatedAccessEntered,
} from '../delegated-access/delegated-access.events.js';
import { mostConsents } from './decide-delegated-access.js';
import { maxApiKeys } from './decide-api-key.js';
import { tenantDecider } from './tenant.decider.js';
import { tenantCreated } from './tenant.events.js';
import type { TenantCommand, TenantEvent } from './tenant.stream.js';

const id = (n: number) => `0190a1b2-0000-7000-8000-0000000000${n.toString(16).padStart(2, '0')}`;
const [tenantId, kari, ola, shop, key, fresh, consent] = [1, 2, 3, 4, 5, 6, 7].map(id) as [string, ...string[]] as [
  string, string, string, string, string, string, string,
]; // prettier-ignore
const now = '2026-03-01T12:00:00.000Z';
const facts = { declared: declaredPermissions([], []), guarded: [], giver: null, erased: false, companyExists: true };

const created = tenantCreated.of({ tenantId, name: 'Fjord' });
const admitted = (personId: string) => memberAdded.of({ personId, invitedBy: null, invitationId: null });
const webshop = serviceCreated.of({ serviceId: shop, name: 'Webshop', description: '', createdBy: kari });
const shopDead = serviceDeactivated.of({ serviceId: shop, name: 'Webshop', reason: 'Sold' });
const facts1 = {
  keyId: key,
  prefix: 'dbk_00000000',
  name: 'Orders',
  scopes: ['accounting.*.read'],
  until: '2026-06-01T00:00:00.000Z',
  addresses: [],
};
const ofShop = { holder: 'service', holderId: shop } as const;
const ofKari = { holder: 'person', holderId: kari } as const;
const issued = (more: object = {}) => apiKeyIssued.of({ ...facts1, ...ofShop, issuedBy: kari, ...more });
const revoked = (holder: typeof ofShop | typeof ofKari = ofShop) =>
  // A person's own name for a key is not in the state.
  apiKeyRevoked.of({ keyId: key, ...holder, name: holder === ofShop ? 'Orders' : null, reason: 'Leaked' });
const allowed = (more: object = {}) =>
  delegatedAccessAllowed.of({ delegatedAccessId: consent, personId: kari, until: '2026-03-02T12:00:00.000Z', reason: 'Help', ...more }); // prettier-ignore
const ended = (by: 'person' | 'admin', reason: string | null = null) =>
  delegatedAccessEnded.of({ delegatedAccessId: consent, personId: kari, by, reason });

const base = [created, admitted(kari), admitted(ola), webshop];
const decisions = deciding(tenantDecider, { now, tenant: tenantId, newId: fresh, facts });
const given = (...events: TenantEvent[]) => ({
  when: (command: TenantCommand, { actor = kari, expectedVersion = null as number | null } = {}) =>
    outcome<NewEvent>(decisions.given(...base, ...events).whenSent(command, { actor, expectedVersion })),
});
const create = (name: string): TenantCommand => ({ name: 'identity.service.create', input: { name, description: '' } });
const deactivate: TenantCommand = { name: 'identity.service.deactivate', input: { serviceId: shop, reason: 'Sold' } };
const record = (more: object = {}): TenantCommand => ({
  name: 'identity.api-key.record',
  input: { ...facts1, ...ofShop, ...more },
});
const revoke: TenantCommand = { name: 'identity.api-key.revoke', input: { keyId: key, reason: 'Leaked' } };
const revokeOwn: TenantCommand = { name: 'identity.own-api-key.revoke', input: { keyId: key, reason: 'Leaked' } };

describe('service accounts', () => {
  it('need unique names while active', () => {
    expect(given().when(create('Till'))).toEqual([
      serviceCreated.of({ serviceId: fresh, name: 'Till', description: '', createdBy: kari }),
    ]);
    expect(given().when(create('webshop'))).toBe('identity.service-name-exists');
    expect(given(shopDead).when(create('Webshop'))).toHaveLength(1);
  });

  it('are deactivated once, and only at the expected version', () => {
    expect(given().when(deactivate)).toEqual([shopDead]);
    expect(given().when(deactivate, { expectedVersion: 2 })).toBe('platform.version-stale');
    expect(given(shopDead).when(deactivate)).toBe('identity.service-deactivated');
    expect(given().when({ name: 'identity.service.deactivate', input: { serviceId: ola, reason: 'No' } })).toBe(
      'identity.service-not-found',
    );
  });
});

describe('API keys', () => {
  it('are issued only for active holders', () => {
    expect(given().when(record())).toEqual([issued({ issuedBy: kari })]);
    expect(given().when(record(ofKari))).toEqual([issued({ ...ofKari, issuedBy: kari })]);
    const own: TenantCommand = { ...record(ofKari), name: 'identity.own-api-key.record' } as TenantCommand;
    expect(given().when(own)).toEqual([issued({ ...ofKari, issuedBy: kari })]);
    expect(given(shopDead).when(record())).toBe('identity.service-deactivated');
    expect(given().when(record({ holderId: ola }))).toBe('identity.service-not-found');
    expect(given().when(record({ holder: 'person', holderId: shop }))).toBe('identity.member-not-found');
    const gone = memberDeactivated.of({ personId: kari, reason: 'Left' });
    expect(given(gone).when(record(ofKari))).toBe('identity.member-not-found');
  });

  it('must expire in the future and within a year', () => {
    expect(given().when(record({ until: '2027-03-01T12:00:00.000Z' }))).toHaveLength(1);
    expect(given().when(record({ until: '2027-03-01T12:00:00.001Z' }))).toBe('identity.api-key-expiry-invalid');
    expect(given().when(record({ until: now }))).toBe('identity.api-key-expiry-invalid');
  });

  it('are limited per holder; revoked and expired ones do not count', () => {
    const many = Array.from({ length: maxApiKeys }, (_, n) => issued({ keyId: id(100 + n) }));
    expect(given(...many).when(record())).toBe('identity.too-many-api-keys');
    const one = apiKeyRevoked.of({ keyId: id(100), ...ofShop, name: 'Orders', reason: 'Old' });
    expect(given(...many, one).when(record())).toHaveLength(1);
    const old = many.slice(1).concat(issued({ keyId: id(100), until: '2026-02-01T00:00:00.000Z' }));
    expect(given(...old).when(record())).toHaveLength(1);
  });

  it('are revoked once, by an Admin', () => {
    expect(given(issued()).when(revoke)).toEqual([revoked()]);
    expect(given(issued(), revoked()).when(revoke)).toBe('identity.api-key-revoked');
    expect(given().when(revoke)).toBe('identity.api-key-not-found');
  });

  it("are not found when somebody else's key is revoked as an own one", () => {
    expect(given(issued(ofKari)).when(revokeOwn)).toEqual([revoked(ofKari)]);
    expect(given(issued(ofKari)).when(revokeOwn, { actor: ola })).toBe('identity.api-key-not-found');
    expect(given(issued()).when(revokeOwn, { actor: shop })).toBe('identity.api-key-not-found');
    expect(given(issued(ofKari), revoked(ofKari)).when(revokeOwn)).toBe('identity.api-key-revoked');
  });
});

describe('consents to delegated access', () => {
  const allow = (more: object = {}): TenantCommand => ({
    name: 'identity.delegated-access.record',
    input: { delegatedAccessId: consent, personId: kari, hours: 24, reason: 'Help', ...more },
  });
  const enter: TenantCommand = {
    name: 'identity.delegated-access.record-entry',
    input: { delegatedAccessId: consent },
  };
  const end: TenantCommand = { name: 'identity.delegated-access.end', input: { delegatedAccessId: consent } };
  const stop: TenantCommand = {
    name: 'identity.delegated-access-consent.withdraw',
    input: { delegatedAccessId: consent, reason: 'Not here' },
  };
  const over = allowed({ until: now });

  it('last for the given hours, 72 at most', () => {
    expect(given().when(allow())).toEqual([allowed()]);
    expect(given().when(allow({ hours: 100 }))).toEqual([allowed({ until: '2026-03-04T12:00:00.000Z' })]);
  });

  it('are limited per person; ended ones do not count', () => {
    const many = Array.from({ length: mostConsents }, (_, n) => allowed({ delegatedAccessId: id(100 + n) }));
    expect(given(...many).when(allow())).toBe('identity.too-many-consents');
    expect(given(...many.slice(1), over).when(allow({ delegatedAccessId: fresh }))).toHaveLength(1);
  });

  it('let one delegate in, other than the person, until they end', () => {
    const entered = delegatedAccessEntered.of({ delegatedAccessId: consent, personId: kari, delegateId: ola });
    expect(given(allowed()).when(enter, { actor: ola })).toEqual([entered]);
    expect(given(allowed(), entered).when(enter, { actor: ola })).toEqual([entered]);
    expect(given(allowed()).when(enter, { actor: kari })).toBe('identity.delegated-access-not-found');
    expect(given(allowed(), entered).when(enter, { actor: shop })).toBe('identity.delegated-access-not-found');
    expect(given().when(enter, { actor: ola })).toBe('identity.delegated-access-not-found');
    expect(given(over).when(enter, { actor: ola })).toBe('identity.delegated-access-over');
    expect(given(allowed(), ended('person')).when(enter, { actor: ola })).toBe('identity.delegated-access-over');
  });

  it('are ended once, by the person or by an Admin', () => {
    expect(given(allowed()).when(end)).toEqual([ended('person')]);
    expect(given(allowed()).when(end, { actor: ola })).toBe('identity.delegated-access-not-found');
    expect(given(allowed(), ended('person')).when(end)).toBe('identity.delegated-access-over');
    expect(given(allowed()).when(stop, { actor: ola })).toEqual([ended('admin', 'Not here')]);
    expect(given(over).when(stop)).toBe('identity.delegated-access-over');
    expect(given().when(stop)).toBe('identity.delegated-access-not-found');
  });
});
