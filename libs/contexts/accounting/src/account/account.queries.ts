import { isRejection, recordNotFound, type Rejection, type RowOfRecord, toMoney } from '@daybook/kernel';
import { allOf, answers, anyOf, type Compute, type ReadContext, inOneTrip } from '@daybook/projections';
import { answerOf } from '@daybook/server';
import { sql } from 'kysely';
import { companyIn, companyQuery } from '../company/company.queries.js';
import { entryLines } from '../entry/entry.projection.js';
import { fiscalYearStartOf } from '../ledger/fiscal-year.js';
import { signed } from '../ledger/sql.js';
import { listAccounts, readAccount } from './account.operations.js';
import { accounts } from './account.projection.js';
import { account } from './account.record.js';

type Account = Pick<RowOfRecord<typeof account>, 'number' | 'name' | 'class' | 'postingAllowed' | 'custom' | 'version'>;
const fields = ['a.number', 'a.name', 'a.class', 'a.postingAllowed', 'a.custom', 'a.version'] as const;

/** To be asked together with other statements; `accountIn` reads the answer. */
export const accountQuery = (read: ReadContext, companyId: string, number: string) =>
  read.db
    .selectFrom(read.rows(accounts).as('a'))
    .select(fields)
    .where('a.companyId', '=', companyId)
    .where('a.number', '=', number);
export const accountIn = ([found]: readonly Account[], number: string): Account | Rejection =>
  found ?? recordNotFound(account, { number });

/**
 * Each account with its balance: over all lines for accounts of the balance sheet; over the fiscal year of the newest
 * entry for income and expense, which start at zero each year.
 */
async function withBalances<A extends Account>(
  read: ReadContext,
  company: { id: string; currency: string; fiscalYearStart: number },
  newest: { date: string } | undefined,
  found: readonly A[],
) {
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
  return found.map((one) => ({ ...one, balance: toMoney(balances.get(one.number) ?? '0', company.currency) }));
}

/** The company, and its newest entry. */
const companyAndNewest = (read: ReadContext, { companyId }: { readonly companyId?: unknown }) =>
  inOneTrip(
    read.db,
    companyQuery(read, String(companyId)),
    read.db
      .selectFrom(read.rows(entryLines).as('l'))
      .select('l.date')
      .where('l.companyId', '=', String(companyId))
      .orderBy('l.date', 'desc')
      .limit(1),
  );

/** Of accounts that were read; 404 for a company that is not there. */
const withBalance: Compute<RowOfRecord<typeof account>, Awaited<ReturnType<typeof companyAndNewest>>> = async (
  rows,
  read,
  { companyId },
  [found, [newest]],
) => {
  const company = companyIn(found, String(companyId));
  return isRejection(company) ? company : withBalances(read, company, newest, rows);
};

export const accountAnswers = [
  answers(listAccounts, accounts, withBalance, companyAndNewest),
  answers(readAccount, accounts, withBalance, companyAndNewest),
].map(answerOf);
