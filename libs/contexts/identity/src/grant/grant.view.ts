import { view } from '@daybook/kernel';
import { listRoles } from '../role/role.operations.js';
import { roleRecord } from '../role/role.record.js';
import { giveGrant, listGrants, revokeGrant } from './grant.operations.js';

const roles = { query: listRoles, value: 'roleId', label: 'name' } as const;

/** The form for giving a role. The holder is the record it is opened from. */
const give = {
  operation: giveGrant,
  label: 'Give a role',
  icon: 'plus',
  title: 'Give {name} a role',
  what: 'It applies from the next request on. The Roles page shows what each role allows.',
  ask: {
    role: { label: 'Role', as: 'role', width: 'full' },
    companyId: { label: 'Where', as: 'company' },
    until: { label: 'Until', as: 'date', hint: 'The last day in force.' },
    partyType: { label: 'Kind of party', hint: 'For the role Vendor: customer or supplier.' },
    party: { label: 'Customer or supplier', hint: 'The id in the books. The holder sees only the lines of this one.' },
    mitigation: {
      label: 'Compensating control',
      width: 'full',
      hint: 'Only if this role violates a segregation of duties rule.',
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
    role: { as: 'record', to: roleRecord.name, name: 'roleName', label: 'Role', pin: true },
    companyId: { as: 'company', label: 'Where' },
    partyType: { as: 'text', label: 'Kind of party', hidden: true },
    party: { as: 'code', hidden: true },
    until: { as: 'date', label: 'Until' },
    mitigation: { as: 'text', label: 'Compensating control', hidden: true },
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
        what: 'The rights end with the next request.',
        from: { grantId: 'grantId' },
        ask: { reason: { label: 'Reason', width: 'full', hint: 'Recorded in the audit trail.' } },
      },
    ],
  },
  empty: 'Nobody has been given a role.',
}); // prettier-ignore
