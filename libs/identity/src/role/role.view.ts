import { view } from '@daybook/kernel';
import { defineRole, listRoles } from './role.operations.js';

/** The list; a role itself is shown and changed by a page of its own. */
export const roleView = view(listRoles, {
  path: 'roles',
  title: 'Roles',
  one: 'role',
  icon: 'shield',
  key: 'R',
  id: 'roleId',
  opens: 'roles/{roleId}',
  live: ['access'],
  beside: [{ title: 'All grants', path: 'roles/grants', icon: 'shield-check', permission: 'identity.grant.read' }],
  columns: {
    name: { as: 'text', drill: 'record', pin: true },
    description: { as: 'text', grow: true },
    holders: { as: 'count', label: 'Given' },
    builtIn: { as: 'status', label: 'Kind', words: { true: { label: 'Built in', icon: 'lock' }, false: { label: 'Own', tone: 'good', icon: 'pencil' } } },
  },
  actions: { create: { label: 'New role', path: 'roles/new', permission: defineRole.permission } },
  empty: 'There is no role.',
}); // prettier-ignore
