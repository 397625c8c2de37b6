import type * as z from 'zod';
import type { importChecked } from '../../import/import.events.js';
import { type ImportPosted, type StagedEntry, stagedEntryId } from '../applied-entry.js';
import type { ImportForPosting } from '../ledger.state.js';
import { company, id, nordlys, tenant } from './given.js';

/* The events of one small import: an opening that is 40 short, and two transactions. For specs of deciders and projections. */

export const importId = id(70);
export const stream = `accounting.staged-${tenant}-${importId}`;

export const staged = (index: number, more: Partial<StagedEntry> = {}): StagedEntry => ({
  companyId: company,
  entryId: stagedEntryId(importId, index),
  importId,
  index,
  numberOffset: index === 0 ? 0 : index - 1,
  identity:
    index === 0 ? null : { year: 2026, journal: 'GL', transactionId: String(index), contentHash: `hash ${index}` },
  source: { from: 10 * index + 1, to: 10 * index + 9 },
  sourceDates: { systemEntry: null, posting: null },
  journal: index === 0 ? 'OB' : 'GL',
  fiscalYear: 2026,
  date: index === 0 ? '2026-01-01' : '2026-01-15',
  period: index === 0 ? 0 : 1,
  kind: index === 0 ? 'opening' : 'normal',
  description: index === 0 ? 'Opening balances' : `Transaction ${index}`,
  voucher: index === 0 ? null : `V${index}`,
  documentDate: null,
  currency: 'NOK',
  lines:
    index === 0
      ? [
          { account: '1920', side: 'debit', amount: '140.00', source: 2 },
          { account: '2050', side: 'credit', amount: '100.00', source: 3 },
        ]
      : [
          { account: '1920', side: 'debit', amount: '25.00', source: 10 * index + 2 },
          { account: '3000', side: 'credit', amount: '25.00', source: 10 * index + 5 },
        ],
  ...more,
});

export type Report = z.infer<(typeof importChecked)['data']>;
const none = { total: 0, added: 0, known: 0 };
export const report = (more: Partial<Report> = {}): Report => ({
  importId,
  companyId: company,
  format: '1.30',
  company: nordlys,
  companyName: nordlys.name,
  accounts: [
    { number: '1920', name: 'Bank', class: 'asset', postingAllowed: true },
    { number: '2050', name: 'Equity', class: 'equity', postingAllowed: true },
    { number: '3000', name: 'Sales', class: 'income', postingAllowed: true },
  ],
  journals: [
    { code: 'OB', name: 'Opening' },
    { code: 'GL', name: 'General' },
  ],
  accountsUsed: ['1920', '2050', '3000'],
  blocks: [
    { journal: 'OB', fiscalYear: 2026, count: 1 },
    { journal: 'GL', fiscalYear: 2026, count: 2 },
  ],
  stream,
  staged: {
    count: 3,
    lines: 6,
    debit: '190.00',
    credit: '150.00',
    opening: { debit: '140.00', credit: '100.00' },
    hash: 'ab12',
  },
  basis: [],
  counts: {
    accounts: { total: 3, added: 3, known: 0 },
    journals: { total: 1, added: 2, known: 0 },
    customers: none,
    suppliers: none,
    taxCodes: none,
    entries: { total: 2, added: 2, known: 0 },
    lines: { total: 4, added: 4, known: 0 },
  },
  totals: { debit: '50.00', credit: '50.00' },
  openingDifference: '-40.00',
  findings: [],
  findingCounts: { error: 0, decide: 1, contradiction: 0, warning: 0 },
  balance: [],
  seconds: 0.1,
  fileLines: 100,
  ...more,
});

export const found = (more: Partial<ImportForPosting> = {}): ImportForPosting => ({
  started: {
    importId,
    companyId: company,
    askedCompanyId: null,
    ledgerRevision: -1,
    file: { name: 'books.xml', sha256: 'f'.repeat(64), size: 1000 },
  },
  checked: report(),
  refused: false,
  ...more,
});

export const postedImport = (more: Partial<ImportPosted> = {}): ImportPosted => ({
  companyId: company,
  importId,
  stream,
  count: 3,
  hash: 'ab12',
  file: { name: 'books.xml', sha256: 'f'.repeat(64) },
  company: nordlys,
  accounts: [
    ...report().accounts.map((account) => ({ ...account, class: account.class ?? ('asset' as const), version: 1 })),
    { number: '2999', name: 'Opening difference', class: 'equity', postingAllowed: true, version: 1 },
  ],
  journals: report().journals,
  numbers: [
    { journal: 'OB', fiscalYear: 2026, first: 1, count: 1 },
    { journal: 'GL', fiscalYear: 2026, first: 1, count: 2 },
  ],
  openingDifference: { account: '2999', side: 'credit', amount: '40.00' },
  accountsUsed: ['1920', '2050', '3000'],
  totals: { entries: 3, lines: 7, debit: '190.00', credit: '190.00' },
  ...more,
});
