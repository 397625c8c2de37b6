/* The public API of accounting: events, operations and screens. Browser-safe. */
import { face } from '@daybook/kernel';
import { account } from './account/account.record.js';
import { accountLedgerView, accountView } from './account/account.view.js';
import { company } from './company/company.record.js';
import { companyView } from './company/company.view.js';
import { entryView } from './entry/entry.view.js';
import { importView } from './import/import.view.js';
import { journal } from './journal/journal.record.js';
import { journalView } from './journal/journal.view.js';
import { samples } from './accounting.samples.js';
import { subledgerLineView } from './subledger-line/subledger-line.view.js';
import { trialBalanceReport } from './trial-balance/trial-balance.view.js';

export const accounting = face('accounting', {
  title: 'Books',
  icon: 'book-open',
  records: [company, account, journal],
  roles: {
    // Who gives rights must not be able to move money: no entry, and no import of entries.
    Admin: ['accounting.*.read', 'accounting.company.*', 'accounting.journal.*', 'accounting.account.*'],
    Accountant: ['accounting.*'],
    Staff: ['accounting.*.read'],
    Auditor: ['accounting.*.read'],
    Vendor: ['accounting.subledger-line.read'],
  },
  samples,
  views: [
    accountView,
    entryView,
    trialBalanceReport,
    subledgerLineView,
    importView,
    journalView,
    companyView,
    accountLedgerView,
  ],
});
export * from './account/account.operations.js';
export * from './account/account.view.js';
export * from './company/company.operations.js';
export * from './company/company.view.js';
export * from './entry/entry.operations.js';
export * from './entry/entry.record.js';
export * from './entry/entry.view.js';
export * from './explain/explain.operations.js';
export * from './import/import.events.js';
export * from './import/import.operations.js';
export * from './import/import.view.js';
export * from './journal/journal.operations.js';
export * from './journal/journal.view.js';
export * from './ledger/entry.schema.js';
export * from './ledger/ledger.events.js';
export * from './subledger-line/subledger-line.operations.js';
export * from './subledger-line/subledger-line.view.js';
export * from './account-ledger/account-ledger.operations.js';
export * from './trial-balance/trial-balance.operations.js';
export * from './trial-balance/trial-balance.view.js';
