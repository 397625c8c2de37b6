import { field, record } from '@daybook/kernel';
import { journalCode } from '../ledger/entry.schema.js';

/** A kind of entries with numbers of its own. */
export const journal = record('accounting.journal', {
  one: 'journal',
  many: 'journals',
  icon: 'notebook',
  calledBy: 'name',
  within: 'company',
  id: 'code',
  type: 'Journal',
  fields: {
    code: field.own('code', 'Code', journalCode, { fixed: true }),
    name: field.text('Name', { max: 256 }),
  },
});
