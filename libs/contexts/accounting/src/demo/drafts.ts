import { addDays, type CallOf, daysBetween, decimals, type PlainDate } from '@daybook/kernel';
import type { postEntry } from '../entry/entry.operations.js';
import type { Side } from '../ledger/entry.schema.js';

/* Helpers for plausible entries: exact amounts, bank days, a reproducible random sequence. */

type Entry = Omit<CallOf<typeof postEntry>, 'companyId'>;
export type DraftLine = Entry['lines'][number];

/** One command of the seed. `key` is its idempotency key, the same on every run. */
export type Step =
  | { readonly kind: 'entry'; readonly key: string; readonly date: PlainDate; readonly entry: Entry }
  | {
      readonly kind: 'reversal';
      readonly key: string;
      readonly date: PlainDate;
      readonly of: string;
      readonly description: string;
    };

export const line = (account: string, side: Side, amount: string, more: Partial<DraftLine> = {}): DraftLine => ({
  account,
  side,
  amount,
  ...more,
});
export const debit = (account: string, amount: string, more?: Partial<DraftLine>) =>
  line(account, 'debit', amount, more);
export const credit = (account: string, amount: string, more?: Partial<DraftLine>) =>
  line(account, 'credit', amount, more);

export const percentOf = (amount: string, percent: string): string =>
  decimals.round(decimals.div(decimals.mul(amount, percent), '100', 8), 2);
export const sum = (...amounts: string[]): string => decimals.round(decimals.sum(amounts), 2);
export const minus = (a: string, b: string): string => decimals.round(decimals.sub(a, b), 2);
export const converted = (amount: string, rate: string): string => decimals.round(decimals.mul(amount, rate), 2);

/** The day itself, or the Monday after a weekend. */
export function bankDay(date: PlainDate): PlainDate {
  const weekday = daysBetween('2024-01-01', date) % 7;
  return weekday < 5 ? date : addDays(date, 7 - weekday);
}
export const dayOf = (month: string, day: number): PlainDate => `${month}-${String(day).padStart(2, '0')}`;

/** Pseudo-random integers, the same on every machine (a Lehmer generator modulo 2^31 - 1). */
export function sequence(seed: number): (from: number, to: number) => number {
  let state = seed;
  return (from, to) => {
    state = (state * 48_271) % 2_147_483_647;
    return from + (state % (to - from + 1));
  };
}

/** Collects steps and the balances that follow from them. */
export class Drafts {
  readonly steps: Step[] = [];

  entry(
    key: string,
    journal: string,
    date: PlainDate,
    description: string,
    lines: DraftLine[],
    more: Partial<Entry> = {},
  ): void {
    this.steps.push({ kind: 'entry', key, date, entry: { journal, date, description, lines, ...more } });
  }

  reversal(key: string, of: string, date: PlainDate, description: string): void {
    this.steps.push({ kind: 'reversal', key, date, of, description });
  }

  /** Balance of an account at the end of a day, debit positive. Reversals have the date of the original. */
  balance(account: string, until: PlainDate): string {
    const reversed = new Set(this.steps.flatMap((step) => (step.kind === 'reversal' ? [step.of] : [])));
    const amounts = this.steps.flatMap((step) =>
      step.kind === 'entry' && step.date <= until && !reversed.has(step.key)
        ? step.entry.lines
            .filter((of) => of.account === account)
            .map((of) => (of.side === 'debit' ? of.amount : decimals.neg(of.amount)))
        : [],
    );
    return sum(...amounts);
  }
}
