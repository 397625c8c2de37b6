import { expectGolden } from '@daybook/event-store/testing/golden';
import {
  accountAdded,
  accountChanged,
  accountRemoved,
  companyCreated,
  entryHeld,
  entryPosted,
  entryReleased,
  entryReversed,
  importCancelled,
  importPosted,
  journalAdded,
  ledgerEvents,
} from './ledger.events.js';
import { company, entry, id, nordlys } from './testing/given.js';
import { importId, postedImport } from './testing/staged.js';

const bank = { companyId: company, number: '1920', name: 'Bank', class: 'asset' as const, postingAllowed: true };
const full = entry(2, {
  voucher: '88841',
  documentDate: '2026-03-28',
  lines: [
    {
      account: '1920',
      side: 'debit',
      amount: '163044.40',
      description: 'Green coffee',
      foreign: { currency: 'EUR', amount: '14200.00', rate: '11.4820' },
      party: { type: 'supplier', id: '10021' },
      tax: [{ code: '1', base: '163044.40', percent: '25', amount: null }],
      dimensions: [{ type: 'project', id: 'P1', amount: '10.00' }],
    },
    { account: '3000', side: 'credit', amount: '163044.40' },
  ],
});
const samples = [
  () => expectGolden(companyCreated, [{ id: company, ...nordlys }]),
  () => expectGolden(accountAdded, [bank]),
  () => expectGolden(accountChanged, [{ ...bank, postingAllowed: false }]),
  () => expectGolden(accountRemoved, [{ companyId: company, number: '1920', name: 'Bank' }]),
  () => expectGolden(journalAdded, [{ companyId: company, code: 'GL', name: 'General' }]),
  () => expectGolden(entryPosted, [entry(1), full, entry(3, { kind: 'reversal', reverses: { entryId: id(1), number: 'GL-2026-0001' } })]), // prettier-ignore
  () => expectGolden(entryReversed, [{ companyId: company, entryId: id(1), number: 'GL-2026-0001', reversedBy: { entryId: id(3), number: 'GL-2026-0003' } }]), // prettier-ignore
  () => expectGolden(entryHeld, [{ companyId: company, entryId: id(1), number: 'GL-2026-0001', reason: 'Waiting for the delivery note' }]), // prettier-ignore
  () => expectGolden(entryReleased, [{ companyId: company, entryId: id(1), number: 'GL-2026-0001' }]),
  () => expectGolden(importPosted, [postedImport(), postedImport({ company: null, openingDifference: null })]),
  () => expectGolden(importCancelled, [{ companyId: company, importId }]),
];

describe('events of the ledger', () => {
  it('match their golden files', () => {
    expect(samples).toHaveLength(ledgerEvents.length);
    for (const sample of samples) sample();
  });
});
