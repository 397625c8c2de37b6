import type { DecideContext, Decision, Rejection } from '@daybook/kernel';
import { isRejection } from '@daybook/kernel';
import { type LedgerCommand, ledger } from '../ledger.decider.js';
import {
  accountAdded,
  companyCreated,
  type CompanyData,
  entryPosted,
  journalAdded,
  type LedgerEvent,
} from '../ledger.events.js';
import type { AppliedEntry, LedgerDecisionFacts, LedgerState } from '../ledger.state.js';

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
  companyCreated.of({ companyId: company, ...nordlys, ...facts });
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

export const fold = (events: readonly LedgerEvent[], from: LedgerState = ledger.initial): LedgerState =>
  events.reduce((state, event, revision) => ledger.evolve(state, event, { revision }), from);

export interface Asked {
  readonly newId?: string;
  readonly expectedVersion?: number;
  readonly facts?: LedgerDecisionFacts;
}
export const given = (...events: LedgerEvent[]) => ({
  when(name: LedgerCommand['name'], input: object, asked: Asked = {}): Decision<LedgerEvent> {
    const context: DecideContext = {
      now: '2026-04-01T08:00:00.000Z',
      tenant,
      actor: id(7),
      commandId: id(8),
      newId: asked.newId ?? id(900),
      expectedVersion: asked.expectedVersion ?? null,
      reason: null,
    };
    const command = { name, input: { companyId: company, ...input } } as LedgerCommand;
    return ledger.decide(command, fold(events), context, asked.facts ?? { kind: 'none' });
  },
});

export function rejected(decision: Decision<LedgerEvent>): Rejection {
  if (!isRejection(decision)) throw new Error(`Expected a rejection, got ${JSON.stringify(decision)}`);
  return decision;
}
export function accepted(decision: Decision<LedgerEvent>) {
  if (isRejection(decision)) throw new Error(`Expected acceptance, got ${decision.code}: ${decision.message}`);
  return decision;
}
