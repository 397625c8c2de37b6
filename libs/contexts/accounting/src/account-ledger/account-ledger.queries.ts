import { decimals, isRejection, toMoney } from '@daybook/kernel';
import { type ReadContext, inOneTrip } from '@daybook/projections';
import { answer } from '@daybook/server';
import { sql } from 'kysely';
import { accountIn, accountQuery } from '../account/account.queries.js';
import { companyIn, companyQuery } from '../company/company.queries.js';
import { entryLines } from '../entry/entry.projection.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { signed } from '../ledger/sql.js';
import { rangeProblem } from '../trial-balance/figure-lines.js';
import { readAccountLedger } from './account-ledger.operations.js';

/**
 * One account's lines up to `to`, in order of date, then posting. Those that come before the range, and opening
 * entries, are its opening; income and expense open at zero each fiscal year.
 */
function accountLines(
  read: ReadContext,
  input: { companyId: string; number: string; from?: string | undefined; to?: string | undefined },
  opensAt: string | null,
) {
  const from = input.from === undefined ? sql`false` : sql`${sql.ref('l.date')} < ${input.from}::date`;
  return read.db
    .selectFrom(read.rows(entryLines).as('l'))
    .where('l.companyId', '=', input.companyId)
    .where('l.account', '=', input.number)
    .$if(input.to !== undefined, (query) => query.where('l.date', '<=', input.to ?? ''))
    .$if(opensAt !== null, (query) => query.where('l.date', '>=', opensAt ?? ''))
    .select(['l.entryId', 'l.line', 'l.number', 'l.date', 'l.side', 'l.amount', 'l.voucher', 'l.postingOrder'])
    .select([
      sql<string>`coalesce(l.description, l."entryDescription")`.as('description'),
      sql<string | null>`l.party ->> 'id'`.as('party'),
      signed('l').as('signed'),
      sql<boolean>`(${from} or ${sql.ref('l.kind')} = 'opening')`.as('opens'),
    ]);
}

export const accountLedgerAnswers = [
  answer(readAccountLedger, async ({ cursor, limit, ...input }, read) => {
    const { companyId, number } = input;
    const [ofCompany, ofAccount] = await inOneTrip(
      read.db,
      companyQuery(read, companyId),
      accountQuery(read, companyId, number),
    );
    const company = companyIn(ofCompany, companyId);
    if (isRejection(company)) return company;
    const account = accountIn(ofAccount, number);
    if (isRejection(account)) return account;
    const { from, to } = input;
    const problem = from !== undefined && to !== undefined ? rangeProblem({ from, to }) : null;
    if (problem) return problem;

    const isResult = account.class === 'income' || account.class === 'expense';
    const opensAt = isResult && from !== undefined ? fiscalYearStartOf(from, company.fiscalYearStart) : null;
    const money = (amount: string) => toMoney(amount, company.currency);
    const all = accountLines(read, input, opensAt);
    const summed = read.db
      .selectFrom(all.as('f'))
      .select([
        sql<string>`coalesce(sum(f.signed) filter (where f.opens), 0)`.as('opening'),
        sql<string>`coalesce(sum(f.amount) filter (where not f.opens and f.side = 'debit'), 0)`.as('debit'),
        sql<string>`coalesce(sum(f.amount) filter (where not f.opens and f.side = 'credit'), 0)`.as('credit'),
      ]);
    const running = read.db
      .selectFrom(all.as('f'))
      .selectAll('f')
      .select(sql<string>`sum(f.signed) over (order by f.date, f."postingOrder")`.as('running'))
      .where(sql<boolean>`not f.opens`);
    let sums = { opening: '0', debit: '0', credit: '0' };
    const fetch = async (after: readonly (string | null)[] | null, count: number) => {
      const [[of], lines] = await inOneTrip(
        read.db,
        summed,
        read.db
          .selectFrom(running.as('r'))
          .selectAll('r')
          .$if(after !== null, (query) =>
            query.where(sql<boolean>`(r.date, r."postingOrder") > (${after?.[0]}::date, ${after?.[1]}::bigint)`),
          )
          .orderBy('r.date')
          .orderBy('r.postingOrder')
          .limit(count),
      );
      sums = of!;
      return lines;
    };
    const page = await read.page({ limit, cursor }, input, (row) => [row.date, row.postingOrder], fetch);
    return {
      account: { number: account.number, name: account.name, custom: account.custom },
      currency: company.currency,
      from: from ?? null,
      to: to ?? null,
      opening: money(sums.opening),
      debit: money(sums.debit),
      credit: money(sums.credit),
      closing: money(decimals.sub(decimals.add(sums.opening, sums.debit), sums.credit)),
      items: page.items.map((line) => ({
        entryId: line.entryId,
        line: line.line,
        number: line.number,
        date: line.date,
        description: line.description,
        voucher: line.voucher,
        party: line.party,
        debit: line.side === 'debit' ? money(line.amount) : null,
        credit: line.side === 'credit' ? money(line.amount) : null,
        balance: money(decimals.add(sums.opening, line.running)),
      })),
      next: page.next,
      stamp: read.stamp,
    };
  }),
];
