import { recorded, rowsAfter, testTenant as tenantId } from '@daybook/projections/testing/given';
import { emailChanged } from '../email-link/email.events.js';
import { personProjection } from './person.projection.js';
import { personRegistered, tenantJoined } from './person.events.js';

const kari = '0190a1b2-0000-7000-8000-0000000000c1';

describe('the people read model', () => {
  it('contains people and where they may sign in', () => {
    const rows = rowsAfter(personProjection, [
      recorded(personRegistered, { personId: kari, name: 'Kari', email: 'kari@example.org' }),
      recorded(tenantJoined, { personId: kari, tenantId }),
      recorded(tenantJoined, { personId: kari, tenantId: kari }),
    ]);
    expect(rows['people']).toMatchObject([{ personId: kari, name: 'Kari', email: 'kari@example.org' }]);
    expect(rows['joined']).toHaveLength(2);
  });

  it('has no name of a person whose key is erased', () => {
    const erased = { personId: kari, name: null, email: null } as never;
    const rows = rowsAfter(personProjection, [recorded(personRegistered, erased)]);
    expect(rows['people']).toMatchObject([{ personId: kari, name: null, email: null }]);
  });

  it('shows the address a person signs in with now', () => {
    const rows = rowsAfter(personProjection, [
      recorded(personRegistered, { personId: kari, name: 'Kari', email: 'kari@example.org' }),
      recorded(emailChanged, { personId: kari, email: 'kari@example.com' }),
    ]);
    expect(rows['people']).toMatchObject([{ personId: kari, name: 'Kari', email: 'kari@example.com' }]);
  });
});
