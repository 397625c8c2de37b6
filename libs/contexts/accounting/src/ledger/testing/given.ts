import type { CustomField, Decision } from '@daybook/kernel';
import { accepted, deciding, rejected } from '@daybook/projections/testing/given';
import { type LedgerCommand, ledger } from '../ledger.decider.js';
import {
  accountAdded,
  companyCreated,
  type CompanyData,
  entryPosted,
  journalAdded,
  type LedgerEvent,
} from '../ledger.events.js';
import type { AppliedEntry, LedgerDecisionFacts } from '../ledger.state.js';

/* Given events, when a command, then events or a rejection: how specs of the decider are written. */

export const tenant = '0199f3a0-0000-7000-8000-000000000001';
export const company = '0199f3a0-0000-7000-8000-0000000000c0';
export const id = (n: number): string => `0199f3a0-0000-7000-8000-${String(n).padStart(12, '0')}`;

export const nordlys: CompanyData = {
  name: 'Nordlys Kaffe AS',
  registrationNumber: '999888777',
  currency: 'NOK',
  zone: 'Europe/Oslo',
  fiscalYearStart: 1,
};
export const created = (facts: Partial<CompanyData> = {}): LedgerEvent =>
  companyCreated.of({ id: company, ...nordlys, ...facts });
export const account = (number: string, name = `Account ${number}`, postingAllowed = true): LedgerEvent =>
  accountAdded.of({ companyId: company, number, name, class: 'asset', postingAllowed });
export const journal = (code: string): LedgerEvent => journalAdded.of({ companyId: company, code, name: code });
export const someBooks = (facts: Partial<CompanyData> = {}): LedgerEvent[] => [
  created(facts),
  account('1920'),
  account('3000'),
  account('2700'),
  account('10', 'Assets', false),
  journal('GL'),
  journal('PU'),
];

export const entry = (n: number, more: Partial<AppliedEntry> = {}): AppliedEntry => ({
  companyId: company,
  entryId: id(n),
  journal: 'GL',
  fiscalYear: 2026,
  date: '2026-03-31',
  period: 3,
  kind: 'normal',
  description: 'Sale',
  voucher: null,
  documentDate: null,
  currency: 'NOK',
  lines: [
    { account: '1920', side: 'debit', amount: '100.00' },
    { account: '3000', side: 'credit', amount: '100.00' },
  ],
  sequence: n,
  number: `GL-2026-${String(n).padStart(4, '0')}`,
  reverses: null,
  ...more,
});
export const posted = (n: number, more: Partial<AppliedEntry> = {}): LedgerEvent => entryPosted.of(entry(n, more));

const decisions = deciding(ledger, { tenant, actor: id(7), newId: id(900), facts: { kind: 'none' } });
export const fold = decisions.fold;

export interface Asked {
  readonly newId?: string;
  readonly expectedVersion?: number;
  readonly facts?: LedgerDecisionFacts;
  readonly customFields?: readonly CustomField[];
}
export const given = (...events: LedgerEvent[]) => ({
  when: (name: LedgerCommand['name'], input: object, asked: Asked = {}): Decision<LedgerEvent> =>
    decisions.given(...events).whenSent({ name, input: { companyId: company, ...input } } as LedgerCommand, asked),
});
export { accepted, rejected };
