import { decimals, formatMoney, isRejection, toMoney } from '@daybook/kernel';
import { inOneTrip } from '@daybook/projections';
import { answer } from '@daybook/server';
import { sql } from 'kysely';
import { accounts } from '../account/account.projection.js';
import { companyOf } from '../company/company.queries.js';
import { figureLines, rangeProblem } from './figure-lines.js';
import { readTrialBalance, unallocatedResults, unallocatedResultsName } from './trial-balance.operations.js';

const zero = { results: '0', opening: '0', debit: '0', credit: '0' };

export const trialBalanceAnswers = [
  answer(readTrialBalance, async (input, read) => {
    const company = await companyOf(read, input.companyId);
    if (isRejection(company)) return company;
    const problem = rangeProblem(input);
    if (problem) return problem;

    const summed = read.db
      .selectFrom(figureLines(read, { ...input, fiscalYearStart: company.fiscalYearStart }).as('f'))
      .select([
        'f.account',
        sql<string>`coalesce(sum(f.signed) filter (where f.bucket = 'results'), 0)`.as('results'),
        sql<string>`coalesce(sum(f.signed) filter (where f.bucket = 'opening'), 0)`.as('opening'),
        sql<string>`coalesce(sum(f.amount) filter (where f.bucket = 'movement' and f.side = 'debit'), 0)`.as('debit'),
        sql<string>`coalesce(sum(f.amount) filter (where f.bucket = 'movement' and f.side = 'credit'), 0)`.as('credit'),
      ])
      .groupBy('f.account');
    const ofChart = read.db
      .selectFrom(read.rows(accounts).as('a'))
      .select(['a.number', 'a.name', 'a.class', 'a.postingAllowed', 'a.suspense'])
      .where('a.companyId', '=', input.companyId)
      .orderBy('a.number');
    const [sums, chart] = await inOneTrip(read.db, summed, ofChart);
    const byAccount = new Map(sums.map((sum) => [sum.account, sum]));

    const money = (amount: string) => toMoney(amount, company.currency);
    const rows = chart
      .filter(({ number, postingAllowed }) => postingAllowed || byAccount.has(number))
      .map(({ number, name, class: class_ }) => {
        const { opening, debit, credit } = byAccount.get(number) ?? zero;
        const closing = decimals.sub(decimals.add(opening, debit), credit);
        return {
          account: number,
          name,
          class: class_,
          opening: money(opening),
          debit: money(debit),
          credit: money(credit),
          closing: money(closing),
        };
      });
    const results = decimals.sum(sums.map((sum) => sum.results));
    if (!decimals.isZero(results)) {
      const figures = { opening: money(results), debit: money('0'), credit: money('0'), closing: money(results) };
      rows.push({ account: unallocatedResults, name: unallocatedResultsName, class: 'equity', ...figures });
    }
    const total = (column: 'opening' | 'debit' | 'credit' | 'closing') =>
      money(decimals.sum(rows.map((row) => row[column])));

    const suspense = new Set(chart.filter((account) => account.suspense).map(({ number }) => number));
    return {
      company: { id: company.id, name: company.name, currency: company.currency },
      from: input.from,
      to: input.to,
      rows,
      totals: { opening: total('opening'), debit: total('debit'), credit: total('credit'), closing: total('closing') },
      notices: rows
        .filter((row) => suspense.has(row.account) && !decimals.isZero(row.closing))
        .map((row) => ({
          code: 'accounting.opening-difference',
          message: `${row.account} ${row.name} has the opening difference of an import, which is not cleared: ${formatMoney(row.closing, company.currency)}.`,
          account: row.account,
          amount: row.closing,
        })),
      stamp: read.stamp,
    };
  }),
];
