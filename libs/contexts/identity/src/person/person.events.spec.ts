import { expectGolden } from '@daybook/event-store/testing/golden';
import { personRegistered, tenantJoined } from './person.events.js';

const personId = '0190a1b2-0000-7000-8000-0000000000a1';
const tenantId = '0190a1b2-0000-7000-8000-0000000000b1';

describe('events of a person', () => {
  it('keep their stored format', () => {
    expectGolden(personRegistered, [{ personId, name: 'Kari Nordmann', email: 'kari@example.org' }]);
    expectGolden(tenantJoined, [{ personId, tenantId }]);
  });
});
