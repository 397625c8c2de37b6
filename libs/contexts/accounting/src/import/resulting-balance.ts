import { decimals } from '@daybook/kernel';
import type * as z from 'zod';
import type { AccountClass, StoredLine } from '../ledger/entry.schema.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { fromMinor, type DateRange, toMinor } from '../saft/index.js';
import { unallocatedResults, unallocatedResultsName } from '../trial-balance/trial-balance.operations.js';
import type { balanceRow } from './import.events.js';

export interface BalanceAccount {
  readonly number: string;
  readonly name: string;
  readonly class: AccountClass | null;
  readonly postingAllowed: boolean;
}
interface Sums {
  opening: bigint;
  debit: bigint;
  credit: bigint;
}

/**
 * The trial balance that the books would have for the date range of the file, by the rules of the report
 * (trial-balance/figure-lines.ts): opening entries and earlier dates are the opening; income and expense start at zero each
 * fiscal year; the results of earlier years are one computed line.
 */
export class ResultingBalance {
  private readonly sums = new Map<string, Sums>();
  private results = 0n;
  private readonly yearStart: string;

  constructor(
    private readonly range: DateRange,
    fiscalYearStart: number,
    private readonly places: number,
    private readonly classOf: (account: string) => AccountClass | null,
  ) {
    this.yearStart = fiscalYearStartOf(range.from, fiscalYearStart);
  }

  take(entry: { readonly date: string; readonly kind: string; readonly lines: readonly StoredLine[] }): void {
    if (entry.date > this.range.to) return;
    for (const { account, side, amount } of entry.lines) {
      const minor = toMinor(decimals.round(amount, this.places));
      const signed = side === 'debit' ? minor : -minor;
      const sums = this.of(account);
      const kind = this.classOf(account);
      if ((kind === 'income' || kind === 'expense') && entry.date < this.yearStart) this.results += signed;
      else if (entry.date < this.range.from || entry.kind === 'opening') sums.opening += signed;
      else sums[side] += minor;
    }
  }

  /** Debit positive. */
  opening(account: string): bigint {
    return this.sums.get(account)?.opening ?? 0n;
  }

  rows(accounts: Iterable<BalanceAccount>): z.infer<typeof balanceRow>[] {
    const money = (minor: bigint) => fromMinor(minor, this.places);
    const row = (account: string, name: string, { opening, debit, credit }: Sums) => ({
      account,
      name,
      opening: money(opening),
      debit: money(debit),
      credit: money(credit),
      closing: money(opening + debit - credit),
    });
    const rows = [...accounts]
      .filter(({ number, postingAllowed }) => postingAllowed || this.sums.has(number))
      .sort((a, b) => (a.number < b.number ? -1 : 1))
      .map(({ number, name }) => row(number, name, this.of(number)));
    const results = { opening: this.results, debit: 0n, credit: 0n };
    return this.results === 0n ? rows : [...rows, row(unallocatedResults, unallocatedResultsName, results)];
  }

  private of(account: string): Sums {
    let sums = this.sums.get(account);
    if (!sums) this.sums.set(account, (sums = { opening: 0n, debit: 0n, credit: 0n }));
    return sums;
  }
}
