import { type PlainDate, reject, type Rejection } from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import { sql } from 'kysely';
import { accounts } from '../account/account.projection.js';
import { entryLines } from '../entry/entry.projection.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { isAccount, signed } from '../ledger/sql.js';

export interface Range {
  readonly companyId: string;
  readonly from: PlainDate;
  readonly to: PlainDate;
  /** First month of the company's fiscal year. */
  readonly fiscalYearStart: number;
}

/**
 * The lines of a trial balance, each in one bucket:
 * - `results`: income and expense of fiscal years before that of `from`; the computed line of equity;
 * - `opening`: everything else before `from`, and opening entries within the range;
 * - `movement`: the rest of the range.
 * The report and its explanations read the same lines, so the parts always add up to the figure.
 */
export function figureLines(read: ReadContext, { companyId, from, to, fiscalYearStart }: Range) {
  const yearStart = fiscalYearStartOf(from, fiscalYearStart);
  return read.db
    .selectFrom(read.rows(entryLines).as('l'))
    .innerJoin(read.rows(accounts).as('a'), (join) =>
      join.onRef('a.companyId', '=', 'l.companyId').on(isAccount('a.number', 'l.account')),
    )
    .where('l.companyId', '=', companyId)
    .where('l.date', '<=', to)
    .select([
      'l.entryId',
      'l.line',
      'l.number',
      'l.date',
      'l.account',
      'l.side',
      'l.amount',
      'l.description',
      'l.entryDescription',
      'l.postingOrder',
      'a.class',
      signed('l').as('signed'),
      sql<'results' | 'opening' | 'movement'>`case
        when ${sql.ref('a.class')} in ('income', 'expense') and ${sql.ref('l.date')} < ${yearStart}::date then 'results'
        when ${sql.ref('l.date')} < ${from}::date or ${sql.ref('l.kind')} = 'opening' then 'opening'
        else 'movement' end`.as('bucket'),
    ]);
}

export const rangeProblem = ({ from, to }: { from: string; to: string }): Rejection | null => {
  if (from <= to) return null;
  const message = `The range ends on ${to}, before it starts on ${from}. Give a later end.`;
  return reject('accounting.range-reversed', message, {
    status: 400,
    errors: [{ pointer: '/to', code: 'accounting.range-reversed', message }],
  });
};
