import { expectGolden } from '@daybook/event-store/testing/golden';
import { apiKeyEvents, apiKeyIssued, apiKeyRevoked } from '../api-key/api-key.events.js';
import { serviceCreated, serviceDeactivated, serviceEvents } from '../service/service.events.js';
import {
  delegatedAccessAllowed,
  delegatedAccessEnded,
  delegatedAccessEntered,
  delegatedAccessEvents,
} from '../delegated-access/delegated-access.events.js';

const id = (n: number) => `0190a1b2-0000-7000-8000-00000000000${n}`;
const holder = { holder: 'service', holderId: id(1) } as const;
const consent = { delegatedAccessId: id(4), personId: id(2) };
const samples = [
  () =>
    expectGolden(serviceCreated, [
      { serviceId: id(1), name: 'Webshop', description: 'Orders of the shop', createdBy: id(3) },
    ]),
  () => expectGolden(serviceDeactivated, [{ serviceId: id(1), name: 'Webshop', reason: 'Sold' }]),
  () =>
    expectGolden(apiKeyIssued, [
      {
        keyId: id(5),
        ...holder,
        name: 'Orders',
        prefix: 'dbk_00000000',
        scopes: ['accounting.*.read', 'accounting.entry.post'],
        until: '2026-06-01T00:00:00.000Z',
        addresses: ['192.0.2.0/24'],
        issuedBy: id(3),
      },
    ]),
  () => expectGolden(apiKeyRevoked, [{ keyId: id(5), ...holder, name: 'Orders', reason: 'Leaked' }]),
  () => expectGolden(delegatedAccessAllowed, [{ ...consent, until: '2026-03-02T12:00:00.000Z', reason: 'VAT return' }]),
  () => expectGolden(delegatedAccessEntered, [{ ...consent, delegateId: id(3) }]),
  () => expectGolden(delegatedAccessEnded, [{ ...consent, by: 'admin', reason: 'Not here' }, { ...consent, by: 'person', reason: null }]), // prettier-ignore
];

describe('events of service accounts, keys and delegated access', () => {
  it('match their golden files', () => {
    expect(samples).toHaveLength(serviceEvents.length + apiKeyEvents.length + delegatedAccessEvents.length);
    for (const sample of samples) sample();
  });
});
