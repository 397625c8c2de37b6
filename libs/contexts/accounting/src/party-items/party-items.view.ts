import { view } from '@daybook/kernel';
import { listPartyItems } from './party-items.operations.js';

/** For accountants a way to look up a party; for a customer or supplier who signs in, the whole of what he sees. */
export const partyItemView = view(listPartyItems, {
  path: 'party-items',
  title: 'Party items',
  one: 'item',
  icon: 'users',
  live: ['entries'],
  columns: {
    number: { as: 'number', label: 'Entry', pin: true },
    date: { as: 'date', sort: 'desc' },
    voucher: { as: 'text', label: 'Document' },
    text: { as: 'text', grow: true },
    partyType: { as: 'text', label: 'Kind' },
    party: { as: 'party' },
    debit: { as: 'money' },
    credit: { as: 'money' },
  },
  filters: [
    {
      field: 'partyType',
      label: 'Kind',
      as: 'status',
      choices: [
        { value: 'customer', label: 'Customers' },
        { value: 'supplier', label: 'Suppliers' },
        { value: 'employee', label: 'Employees' },
        { value: 'other', label: 'Others' },
      ],
    },
    { field: 'party', label: 'Party', as: 'text' },
    { field: ['from', 'to'], label: 'Date', as: 'date' },
  ],
  empty: 'Lines that name a customer or supplier stand here, newest first.',
});
