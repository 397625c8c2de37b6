import { emailChanged } from '../email-link/email.events.js';
import { personErased, tenantJoined } from './person.events.js';
import type { PersonCommand } from './person.internal.js';
import { given, personId, registered } from './testing/given.js';

const tenantId = '0190a1b2-0000-7000-8000-00000000a001';
const joined = tenantJoined.of({ personId, tenantId });
const register: PersonCommand = {
  name: 'identity.person.register',
  input: { name: 'Kari', email: 'kari@example.org' },
};
const join: PersonCommand = { name: 'identity.person.join', input: { personId, tenantId } };

const forget: PersonCommand = { name: 'identity.person.forget', input: { personId } };
const erased = personErased.of({ personId });

describe('a person', () => {
  it('is registered once, under the id that follows from the e-mail address', () => {
    expect(given().when(register)).toEqual({ version: 1, events: [registered] });
    expect(given(registered).when(register)).toBe('identity.person-exists');
    expect(given(registered, joined).when(register)).toBe('identity.person-exists');
  });

  it('joins a tenant once, and only when registered', () => {
    expect(given().when(join)).toBe('identity.person-not-found');
    expect(given(registered).when(join)).toEqual({ version: 2, events: [joined] });
    expect(given(registered, joined).when(join)).toBe('identity.tenant-joined');
  });
  it('is erased once, and nothing can be added to them afterwards', () => {
    expect(given().when(forget)).toEqual({ version: 1, events: [erased] });
    expect(given(registered, joined).when(forget)).toEqual({ version: 3, events: [erased] });
    expect(given(registered, joined, erased).when(forget)).toEqual({ version: 3, events: [] });
    expect(given(registered, erased).when(register)).toBe('identity.person-erased');
    expect(given(registered, erased).when(join)).toBe('identity.person-erased');
    expect(given(registered, erased, joined).when(join)).toBe('identity.person-erased');
  });

  it('changes the sign-in address only once registered', () => {
    const change: PersonCommand = { name: 'identity.email.change', input: { personId, email: 'kari@example.com' } };
    const changed = emailChanged.of({ personId, email: 'kari@example.com' });
    expect(given().when(change)).toBe('identity.person-not-found');
    expect(given(registered, joined).when(change)).toEqual({ version: 3, events: [changed] });
    expect(given(registered, changed, joined).when(change)).toEqual({ version: 4, events: [changed] });
    expect(given(registered, erased).when(change)).toBe('identity.person-erased');
  });
});
