import { view } from '@daybook/kernel';
import { listSubledgerLines } from './subledger-line.operations.js';

/** Accountants look up a party here. For a customer or supplier who signs in it is the only screen. */
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
  empty: 'There are no lines with a customer or supplier.',
});
