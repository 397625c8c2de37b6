import { recorded, rowsAfter, testTenant as tenantId } from '@daybook/projections/testing/given';
import { people } from '../person/people.projection.js';
import { personRegistered, tenantJoined } from '../person/person.events.js';
import { membershipGranted, roleChanged, tenantCreated } from '../tenant/tenant.events.js';
import { access } from './access.projection.js';

const kari = '0190a1b2-0000-7000-8000-0000000000c1';
const record = (version: number) => ({ meta: { record: { type: 'identity.membership', id: kari, version } } });

describe('the access read model', () => {
  it('holds the tenant, and each member with the present role', () => {
    const rows = rowsAfter(access, [
      recorded(tenantCreated, { tenantId, name: 'Fjord' }),
      recorded(membershipGranted, { tenantId, personId: kari, role: 'Auditor' }, record(1)),
      recorded(roleChanged, { tenantId, personId: kari, role: 'Admin', before: 'Auditor' }, record(2)),
      recorded(roleChanged, { tenantId, personId: kari, role: 'Accountant', before: 'Admin' }, record(3)),
    ]);
    expect(rows['tenants']).toMatchObject([{ tenantId, name: 'Fjord' }]);
    expect(rows['memberships']).toMatchObject([{ personId: kari, role: 'Accountant', version: 3 }]);
  });
});

describe('the people read model', () => {
  it('holds persons and where they may sign in', () => {
    const rows = rowsAfter(people, [
      recorded(personRegistered, { personId: kari, name: 'Kari', email: 'kari@example.org' }),
      recorded(tenantJoined, { personId: kari, tenantId }),
      recorded(tenantJoined, { personId: kari, tenantId: kari }),
    ]);
    expect(rows['people']).toMatchObject([{ personId: kari, name: 'Kari', email: 'kari@example.org' }]);
    expect(rows['joined']).toHaveLength(2);
  });

  it('holds no name of a person whose key is erased', () => {
    const erased = { personId: kari, name: null, email: null } as never;
    const rows = rowsAfter(people, [recorded(personRegistered, erased)]);
    expect(rows['people']).toMatchObject([{ personId: kari, name: null, email: null }]);
  });
});
