import { isRejection, reject, type Rejection, toMoney } from '@daybook/kernel';
import { inOneTrip } from '@daybook/projections';
import { answer } from '@daybook/server';
import { type Expression, sql } from 'kysely';
import { accountQuery } from '../account/account.queries.js';
import { companyIn, companyQuery } from '../company/company.queries.js';
import { accountClass } from '../ledger/entry.schema.js';
import { figureLines, rangeProblem } from '../trial-balance/figure-lines.js';
import { unallocatedResults, unallocatedResultsName } from '../trial-balance/trial-balance.operations.js';
import { explainFigure } from './explain.operations.js';

type Column = 'opening' | 'debit' | 'credit' | 'closing';

/** What the figure is about: its name, and the lines that may count. */
interface Subject {
  readonly name: string;
  readonly lines: Expression<boolean>;
}

const classNames = {
  asset: 'Assets',
  liability: 'Liabilities',
  equity: 'Equity',
  income: 'Income',
  expense: 'Expenses',
} as const;

/** `named`: the account of the chart that has the number, if any. */
function subjectOf(account: string, named: { readonly name: string } | undefined): Subject | Rejection {
  if (account === unallocatedResults) {
    return { name: unallocatedResultsName, lines: sql<boolean>`f.bucket = 'results'` };
  }
  if (account === 'total') return { name: 'Total', lines: sql<boolean>`true` };
  const class_ = accountClass.safeParse(/^class:(.+)$/.exec(account)?.[1]).data;
  if (class_) {
    const own = sql<boolean>`f.class = ${class_} and f.bucket <> 'results'`;
    // The computed line of earlier results is part of equity.
    return {
      name: classNames[class_],
      lines: class_ === 'equity' ? sql<boolean>`(${own} or f.bucket = 'results')` : own,
    };
  }
  if (!named) {
    return reject('accounting.account-not-found', `Account ${account} is not in the chart.`, {
      status: 404,
      details: { account },
    });
  }
  return { name: named.name, lines: sql<boolean>`f.account = ${account} and f.bucket <> 'results'` };
}

const inColumn: Readonly<Record<Column, Expression<boolean>>> = {
  opening: sql<boolean>`f.bucket in ('opening', 'results')`,
  debit: sql<boolean>`f.bucket = 'movement' and f.side = 'debit'`,
  credit: sql<boolean>`f.bucket = 'movement' and f.side = 'credit'`,
  closing: sql<boolean>`true`,
};
/** A line's share of the figure, with the figure's sign: credits of the credit column are positive. */
const share = (column: Column): Expression<string> =>
  column === 'debit' || column === 'credit' ? sql<string>`f.amount` : sql<string>`f.signed`;

export const explainFigureAnswers = [
  answer(explainFigure, async ({ cursor, limit, ...input }, read) => {
    const [ofCompany, [named]] = await inOneTrip(
      read.db,
      companyQuery(read, input.companyId),
      accountQuery(read, input.companyId, input.account),
    );
    const company = companyIn(ofCompany, input.companyId);
    if (isRejection(company)) return company;
    const problem = rangeProblem(input);
    if (problem) return problem;
    const subject = subjectOf(input.account, named);
    if (isRejection(subject)) return subject;

    const money = (amount: string) => toMoney(amount, company.currency);
    const lines = read.db
      .selectFrom(figureLines(read, { ...input, fiscalYearStart: company.fiscalYearStart }).as('f'))
      .where(subject.lines)
      .where(inColumn[input.column]);
    const amount = share(input.column);

    const grouped = lines
      .select([
        sql<string>`to_char(f.date, 'YYYY-MM')`.as('month'),
        sql<string>`sum(${amount})`.as('amount'),
        sql<string>`count(*)`.as('count'),
      ])
      .groupBy(sql`1`)
      .orderBy(sql`1`);
    const summed = lines.select([
      sql<string>`coalesce(sum(${amount}), 0)`.as('amount'),
      sql<string>`count(*)`.as('count'),
    ]);
    let groups: { month: string; amount: string; count: string }[] = [];
    let whole = { amount: '0', count: '0' };
    const fetch = async (after: readonly (string | null)[] | null, count: number) => {
      const page = lines
        .select(['f.entryId', 'f.line', 'f.number', 'f.date', 'f.account', 'f.postingOrder'])
        .select([
          sql<string>`coalesce(f.description, f."entryDescription")`.as('description'),
          sql<string>`${amount}`.as('amount'),
        ])
        .$if(after !== null, (query) =>
          query.where(sql<boolean>`(f.date, f."postingOrder") > (${after?.[0]}::date, ${after?.[1]}::bigint)`),
        )
        .orderBy('f.date')
        .orderBy('f.postingOrder')
        .limit(count);
      const [ofMonths, [of], found] = await inOneTrip(read.db, grouped, summed, page);
      [groups, whole] = [ofMonths, of!];
      return found;
    };
    const page = await read.page({ limit, cursor }, input, (row) => [row.date, row.postingOrder], fetch);
    return {
      account: input.account,
      name: subject.name,
      column: input.column,
      currency: company.currency,
      amount: money(whole.amount),
      count: Number(whole.count),
      groups: groups.map((group) => ({
        month: group.month,
        amount: money(group.amount),
        count: Number(group.count),
      })),
      items: page.items.map(({ postingOrder: _, ...line }) => ({ ...line, amount: money(line.amount) })),
      next: page.next,
      stamp: read.stamp,
    };
  }),
];
