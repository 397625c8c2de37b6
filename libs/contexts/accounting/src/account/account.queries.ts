import { isRejection, reject, type Rejection, toMoney } from '@daybook/kernel';
import { allOf, anyOf, type ReadContext } from '@daybook/projections';
import { answer } from '@daybook/server';
import { sql } from 'kysely';
import type * as z from 'zod';
import { companyOf } from '../company/company.queries.js';
import { entryLines } from '../entry/entry.projection.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { contains, signed } from '../ledger/sql.js';
import { type accountRow, listAccounts, readAccount } from './account.operations.js';
import { accounts } from './account.projection.js';

type Account = z.infer<typeof accountRow>;
const fields = ['a.number', 'a.name', 'a.class', 'a.postingAllowed', 'a.version'] as const;

export async function accountOf(read: ReadContext, companyId: string, number: string): Promise<Account | Rejection> {
  const found = await read.db
    .selectFrom(read.rows(accounts).as('a'))
    .select(fields)
    .where('a.companyId', '=', companyId)
    .where('a.number', '=', number)
    .executeTakeFirst();
  return (
    found ??
    reject('accounting.account-not-found', `Account ${number} is not in the chart.`, {
      status: 404,
      details: { number },
    })
  );
}

/**
 * Each account with its balance: over all lines for accounts of the balance sheet; over the fiscal year of the newest
 * entry for income and expense, which start at zero each year.
 */
async function withBalances(
  read: ReadContext,
  company: { id: string; currency: string; fiscalYearStart: number },
  found: readonly Account[],
) {
  const newest = await read.db
    .selectFrom(read.rows(entryLines).as('l'))
    .select('l.date')
    .where('l.companyId', '=', company.id)
    .orderBy('l.date', 'desc')
    .limit(1)
    .executeTakeFirst();
  const balances = new Map<string, string>();
  if (newest && found.length > 0) {
    const yearStart = fiscalYearStartOf(newest.date, company.fiscalYearStart);
    const isResult = ({ class: class_ }: Account) => class_ === 'income' || class_ === 'expense';
    const results = found.filter(isResult).map(({ number }) => number);
    const sums = await read.db
      .selectFrom(read.rows(entryLines).as('l'))
      .select(['l.account', sql<string>`sum(${signed('l')})`.as('balance')])
      .where('l.companyId', '=', company.id)
      .where('l.account', '=', anyOf(found.map(({ number }) => number)))
      .$if(results.length > 0, (query) =>
        query.where((where) => where.or([where('l.date', '>=', yearStart), where('l.account', '<>', allOf(results))])),
      )
      .groupBy('l.account')
      .execute();
    for (const { account, balance } of sums) balances.set(account, balance);
  }
  return found.map((account) => ({
    ...account,
    balance: toMoney(balances.get(account.number) ?? '0', company.currency),
  }));
}

export const accountAnswers = [
  answer(listAccounts, async ({ cursor, limit, ...input }, read) => {
    const company = await companyOf(read, input.companyId);
    if (isRejection(company)) return company;
    const fetch = (after: readonly (string | null)[] | null, count: number) =>
      read.db
        .selectFrom(read.rows(accounts).as('a'))
        .select(fields)
        .where('a.companyId', '=', input.companyId)
        .$if(input.text !== undefined, (query) => query.where(contains(input.text ?? '', 'a.number', 'a.name')))
        .$if(input.class !== undefined, (query) => query.where('a.class', '=', anyOf(input.class ?? [])))
        .$if(after !== null, (query) => query.where('a.number', '>', after?.[0] ?? ''))
        .orderBy('a.number')
        .limit(count)
        .execute();
    const page = await read.page({ limit, cursor }, input, (row) => [row.number], fetch);
    return { items: await withBalances(read, company, page.items), next: page.next };
  }),
  answer(readAccount, async (input, read) => {
    const company = await companyOf(read, input.companyId);
    if (isRejection(company)) return company;
    const account = await accountOf(read, input.companyId, input.number);
    if (isRejection(account)) return account;
    const [found] = await withBalances(read, company, [account]);
    return found ?? { ...account, balance: toMoney('0', company.currency) };
  }),
];
