import type { RecordedEvent } from '@daybook/kernel';
import { recorded, rowsAfter } from '@daybook/projections/testing/given';
import { memberDeactivated, memberReactivated } from '../member/member.events.js';
import { serviceCreated, serviceDeactivated } from '../service/service.events.js';
import {
  delegatedAccessAllowed,
  delegatedAccessEnded,
  delegatedAccessEntered,
} from '../delegated-access/delegated-access.events.js';
import { delegatedAccess } from '../delegated-access/delegated-access.projection.js';
import { apiKeyIssued, apiKeyRevoked } from './api-key.events.js';
import { apiKeyProjection } from './api-key.projection.js';

const id = (n: number) => `0190a1b2-0000-7000-8000-00000000000${n}`;
const version = (type: string, of: string, number: number) => ({ meta: { record: { type, id: of, version: number } } });
const holder = { holder: 'service', holderId: id(1) } as const;
const issued = () =>
  recorded(apiKeyIssued, {
    keyId: id(2),
    ...holder,
    name: 'Orders',
    prefix: 'dbk_00000000',
    scopes: ['accounting.*.read'],
    until: '2026-06-01T00:00:00.000Z',
    addresses: [],
    issuedBy: 'ingrid',
  });
const created = () =>
  recorded(serviceCreated, { serviceId: id(1), name: 'Webshop', description: 'Orders', createdBy: 'ingrid' });

describe('the read model of keys', () => {
  it('contains service accounts and API keys, and who revoked what', () => {
    const rows = rowsAfter(apiKeyProjection, [
      created(),
      issued(),
      recorded(apiKeyRevoked, { keyId: id(2), ...holder, name: 'Orders', reason: 'Leaked' }, version('identity.api-key', id(2), 2)), // prettier-ignore
      recorded(serviceDeactivated, { serviceId: id(1), name: 'Webshop', reason: 'Sold' }, version('identity.service', id(1), 2)), // prettier-ignore
    ]);
    expect(rows['services']).toMatchObject([{ serviceId: id(1), status: 'deactivated', version: 2 }]);
    expect(rows['api_keys']).toMatchObject([
      {
        keyId: id(2),
        issuedBy: 'ingrid',
        revokedReason: 'Leaked',
        revokedAt: expect.any(String),
        holderDeactivated: true,
        version: 2,
      },
    ]);
  });

  it('marks all keys of a holder who is deactivated, until they are back', () => {
    const key = (n: number, of: number) => recorded(apiKeyIssued, { ...issued().data, keyId: id(n), holder: 'person', holderId: id(of) }); // prettier-ignore
    const keys = [key(4, 3), key(5, 3), key(6, 7)];
    const marked = (events: RecordedEvent[]) =>
      rowsAfter(apiKeyProjection, [...keys, ...events])['api_keys']!.map((row) => row['holderDeactivated']);
    const gone = recorded(memberDeactivated, { personId: id(3), reason: 'Left' });
    expect(marked([gone, gone])).toEqual([true, true, false]);
    expect(marked([gone, recorded(memberReactivated, { personId: id(3), reason: 'Back' })])).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('is the same if an event is delivered twice', () => {
    const [first, second] = [created(), issued()];
    expect(rowsAfter(apiKeyProjection, [first, first, second, second])).toEqual(
      rowsAfter(apiKeyProjection, [first, second]),
    );
  });
});

describe('the read model of delegated access', () => {
  it('contains each consent, how often it was used, and when it ended', () => {
    const of = { delegatedAccessId: id(4), personId: id(5), delegateId: id(6) };
    const at = (number: number) => version('identity.delegated-access', id(4), number);
    const allowed = recorded(delegatedAccessAllowed, { ...of, until: '2026-04-01T12:00:00.000Z', reason: 'Help' });
    const rows = rowsAfter(delegatedAccess, [
      allowed,
      recorded(delegatedAccessEntered, of, at(2)),
      recorded(delegatedAccessEntered, of, at(3)),
      recorded(delegatedAccessEnded, { ...of, by: 'admin', reason: 'Not here' }, at(4)),
    ]);
    expect(rows['consents']).toMatchObject([
      { ...of, entries: 2, enteredAt: expect.any(String), endedBy: 'admin', endedAt: expect.any(String), version: 4 },
    ]);
    expect(rowsAfter(delegatedAccess, [allowed])['consents']).toMatchObject([
      { entries: 0, endedAt: null, enteredAt: null },
    ]);
  });
});
