import type { NewEvent } from '@daybook/kernel';
import { builtInRoles } from '../roles.js';
import { roleDefined, roleRedefined, roleRemoved } from './role.events.js';
import { roleNames } from './role.published.js';

const roleId = '0190a1b2-0000-7000-8000-0000000000d1';
const desk = { roleId, name: 'Desk', description: '', permissions: [], fields: [] };
const after = (...events: NewEvent[]) =>
  events.reduce((state, event, revision) => roleNames.evolve(state, event, { revision }), roleNames.initial);

describe('the roles that others can name', () => {
  it('are the built-in ones at first', () => {
    expect([...after().keys()]).toEqual(builtInRoles);
  });

  it('include those of the tenant with their latest name, until they are removed', () => {
    expect(after(roleDefined.of(desk)).get(roleId)).toBe('Desk');
    const renamed = [roleDefined.of(desk), roleRedefined.of({ ...desk, name: 'Front desk' })];
    expect(after(...renamed).get(roleId)).toBe('Front desk');
    expect(after(...renamed, roleRemoved.of({ roleId, name: 'Front desk' })).has(roleId)).toBe(false);
  });
});
