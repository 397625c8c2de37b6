import { view } from '@daybook/kernel';
import { listRoles } from '../role/role.operations.js';
import { giveGrant, listGrants, revokeGrant } from './grant.operations.js';

const roles = { query: listRoles, value: 'roleId', label: 'name' } as const;

/** What is asked when a role is given; who gets it is known from where it is asked. */
const give = {
  operation: giveGrant,
  label: 'Give a role',
  icon: 'plus',
  title: 'Give {name} a role',
  what: 'It holds from the next request on. What the role lets do stands on the page of roles.',
  ask: {
    role: { label: 'Role', as: 'role', width: 'full' },
    companyId: { label: 'Where', as: 'company' },
    until: { label: 'Until', as: 'date', hint: 'The last day it holds.' },
    partyType: { label: 'Kind of party', hint: 'For the role Vendor: customer or supplier.' },
    party: { label: 'Customer or supplier', hint: 'Its id in the books: whose items alone are seen.' },
    mitigation: {
      label: 'What makes up for a conflict',
      width: 'full',
      hint: 'Only where two duties meet in one hand.',
    },
  },
} as const;
export const giveToPerson = { ...give, with: { holder: 'person' }, from: { holderId: 'personId' } } as const;
export const giveToService = { ...give, with: { holder: 'service' }, from: { holderId: 'serviceId' } } as const;

export const grantView = view(listGrants, {
  path: 'roles/grants',
  title: 'All grants',
  one: 'grant',
  icon: 'shield-check',
  id: 'grantId',
  channels: ['access'],
  columns: {
    holderName: { as: 'text', label: 'Who', none: 'Erased person', grow: true },
    holder: { as: 'status', label: 'Kind', hidden: true, words: { person: null, service: { icon: 'bot' } } },
    roleName: { as: 'text', label: 'Role', pin: true },
    companyId: { as: 'company', label: 'Where' },
    partyType: { as: 'text', label: 'Kind of party', hidden: true },
    party: { as: 'code', hidden: true },
    until: { as: 'date', label: 'Until' },
    mitigation: { as: 'text', label: 'Made up for by', hidden: true },
    givenAt: { as: 'instant', label: 'Given' },
    givenBy: { as: 'person', label: 'By' },
  },
  filters: [{ field: 'role', label: 'Role', as: 'role', choices: roles }],
  actions: {
    row: [
      {
        operation: revokeGrant,
        label: 'Revoke',
        icon: 'shield-off',
        destructive: true,
        what: 'It is gone with the next request.',
        from: { grantId: 'grantId' },
        ask: { reason: { label: 'Reason', width: 'full', hint: 'Kept with the event.' } },
      },
    ],
  },
  empty: 'Nobody has a role.',
}); // prettier-ignore
