import { view } from '@daybook/kernel';
import { listSubledgerLines } from './subledger-line.operations.js';

/** For accountants a way to look up a party; for a customer or supplier who signs in, the whole of what he sees. */
export const subledgerLineView = view(listSubledgerLines, {
  path: 'subledger-lines',
  title: 'Subledger lines',
  one: 'line',
  icon: 'users',
  channels: ['entries'],
  columns: {
    number: { as: 'number', label: 'Entry', pin: true },
    date: { as: 'date', sort: 'desc' },
    voucher: { as: 'text', label: 'Document' },
    description: { as: 'text', grow: true },
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
