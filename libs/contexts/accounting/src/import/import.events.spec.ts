import { expectGolden } from '@daybook/event-store/testing/golden';
import { company } from '../ledger/testing/given.js';
import { found, importId, report, staged } from '../ledger/testing/staged.js';
import { entryStaged, importChecked, importEvents, importRefused, importStarted } from './import.events.js';

const started = found().started!;
const doubts = report({
  company: null,
  accounts: [{ number: '9999', name: 'Other', class: null, postingAllowed: true }],
  staged: { ...report().staged, opening: null },
  basis: [importId],
  findings: [
    {
      code: 'saft.account-unclassified',
      severity: 'error',
      kind: 'decide',
      message: 'Choose its class.',
      line: 12,
      account: '9999',
    },
    { code: 'saft.currency-invalid', severity: 'warning', kind: 'warning', message: 'No currency.', line: null },
    {
      code: 'saft.date-malformed',
      severity: 'error',
      kind: 'error',
      message: 'No date.',
      line: 40,
      transaction: '1001',
    },
  ],
  balance: [{ account: '1920', name: 'Bank', opening: '5.00', debit: '1.00', credit: '0.00', closing: '6.00' }],
});
const rich = staged(1, {
  entryId: '04816c75-91a3-58ca-8fcd-f371f21ffe81',
  documentDate: '2026-01-14',
  sourceDates: { systemEntry: '2026-01-15', posting: '2026-01-16' },
  lines: [
    { account: '1500', side: 'debit', amount: '125.00', party: { type: 'customer', id: '7' }, source: 61 },
    {
      account: '3000',
      side: 'credit',
      amount: '125.00',
      description: 'Sale',
      foreign: { currency: 'EUR', amount: '11.00', rate: '11.36363636' },
      tax: [{ code: '3', base: '100', percent: '25', amount: '25.00' }],
      dimensions: [{ type: 'A', id: '10' }],
      source: 70,
    },
  ],
});
const samples = [
  () => expectGolden(importStarted, [started, { ...started, askedCompanyId: company, ledgerRevision: 41 }]),
  () => expectGolden(entryStaged, [staged(0, { entryId: '960b9e84-8db5-5e93-acb3-53d4ade755b3' }), rich]),
  () => expectGolden(importChecked, [report(), doubts]),
  () => expectGolden(importRefused, [{ importId, companyId: company, findings: doubts.findings }]),
];

describe('events of an import', () => {
  it('match their golden files', () => {
    expect(samples).toHaveLength([...importEvents, entryStaged].length);
    for (const sample of samples) sample();
  });
});
