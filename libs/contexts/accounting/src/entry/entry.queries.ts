import { anyOf, inOneTrip } from '@daybook/projections';
import { isRejection, reject, toMoney } from '@daybook/kernel';
import { answer, answerFrom, type QueryContext } from '@daybook/server';
import { sql } from 'kysely';
import type * as z from 'zod';
import { accounts } from '../account/account.projection.js';
import { companyIn, companyQuery, listIn } from '../company/company.queries.js';
import { creditOf } from '../ledger/entry-lines.js';
import { imports } from '../import/import.projection.js';
import { isAccount } from '../ledger/sql.js';
import { type entryDetail, listEntries, readEntry } from './entry.operations.js';
import { entries, entryLines } from './entry.projection.js';

/** Account names are joined when read, so that they are right at any moment that the list is read as of. */
const withNames = (read: QueryContext, companyId: string) =>
  read.db
    .selectFrom(read.rows(entries).as('e'))
    .leftJoin(read.rows(accounts).as('a'), (join) =>
      join.onRef('a.companyId', '=', 'e.companyId').on(isAccount('a.number', 'e.mainAccount')),
    )
    .where('e.companyId', '=', companyId)
    .selectAll('e')
    .select(sql<string>`coalesce(a.name, '')`.as('mainAccountName'));

const listAnswer = answerFrom(
  listEntries,
  entries,
  (read, input) => {
    const { companyId, account, accountNot } = input as z.infer<typeof listEntries.input>;
    const onAccounts = (numbers: readonly string[]) =>
      sql<boolean>`e.id in ${read.db
        .selectFrom(read.rows(entryLines).as('l'))
        .select('l.entryId')
        .where('l.companyId', '=', companyId)
        .where('l.account', '=', anyOf(numbers))}`;
    return sql`(${withNames(read, companyId)
      .$if(account !== undefined, (query) => query.where(onAccounts(account ?? [])))
      .$if(accountNot !== undefined, (query) => query.where(sql<boolean>`not ${onAccounts(accountNot ?? [])}`))})`;
  },
  async (items, read, { companyId }) => {
    const found = await listIn(read, String(companyId), { items });
    return isRejection(found) ? found : found.items;
  },
);

const readAnswer = answer(readEntry, async ({ companyId, entryId }, read) => {
  const [ofCompany, [found], rows] = await inOneTrip(
    read.db,
    companyQuery(read, companyId),
    withNames(read, companyId).where('e.id', '=', entryId),
    linesQuery(read, entryId),
  );
  const company = companyIn(ofCompany, companyId);
  if (isRejection(company)) return company;
  if (!found) {
    return reject('accounting.entry-not-found', 'There is no such entry.', { status: 404, details: { entryId } });
  }
  const { source, recordedIn: _, companyId: __, postingOrder: ___, customSort: ____, ...entry } = found;
  const lines = linesIn(rows, entry.currency);
  const file = entry.importId === null ? null : await fileOf(read, entry.importId);
  return {
    ...entry,
    amount: toMoney(entry.amount, entry.currency),
    debit: toMoney(entry.amount, entry.currency),
    credit: toMoney(creditOf(lines), entry.currency),
    lines,
    lineage: await lineageOf(read, entry),
    source: source && file ? { ...file, ...source } : null,
    stamp: read.stamp,
  };
});

const linesQuery = (read: QueryContext, entryId: string) =>
  read.db
    .selectFrom(read.rows(entryLines).as('l'))
    .leftJoin(read.rows(accounts).as('a'), (join) =>
      join.onRef('a.companyId', '=', 'l.companyId').on(isAccount('a.number', 'l.account')),
    )
    .select([
      'l.line',
      'l.account',
      'l.side',
      'l.amount',
      'l.description',
      'l.foreign',
      'l.party',
      'l.tax',
      'l.dimensions',
    ])
    .select(['l.source', sql<string>`coalesce(a.name, '')`.as('accountName')])
    .where('l.entryId', '=', entryId)
    .orderBy('l.line');

function linesIn(rows: Awaited<ReturnType<ReturnType<typeof linesQuery>['execute']>>, currency: string) {
  return rows.map(({ description, foreign, party, tax, dimensions, source, ...line }) => {
    const amount = toMoney(line.amount, currency);
    return {
      ...line,
      amount,
      ...(description && { description }),
      ...(foreign && { foreign }),
      ...(party && { party }),
      ...(tax && { tax }),
      ...(dimensions && { dimensions }),
      ...(source && { source }),
      debit: line.side === 'debit' ? amount : null,
      credit: line.side === 'credit' ? amount : null,
    };
  });
}

/** The file of an import. */
export const fileOf = (read: QueryContext, importId: string): Promise<{ file: string; sha256: string } | undefined> =>
  read.db
    .selectFrom(read.rows(imports).as('i'))
    .select(['i.fileName as file', 'i.sha256'])
    .where('i.id', '=', importId)
    .executeTakeFirst();

/** An entry and the one that it reverses or is reversed by, oldest first; empty if there is none. */
async function lineageOf(
  read: QueryContext,
  entry: Pick<z.infer<typeof entryDetail>, 'id' | 'reverses' | 'reversedBy'>,
): Promise<z.infer<typeof entryDetail>['lineage']> {
  const other = entry.reverses ?? entry.reversedBy;
  if (!other) return [];
  const original = entry.reverses ? other.entryId : entry.id;
  const rows = await read.db
    .selectFrom(read.rows(entries).as('e'))
    .select(['e.id as entryId', 'e.number', 'e.date', 'e.description'])
    .where('e.id', '=', anyOf([entry.id, other.entryId]))
    .orderBy('e.postingOrder')
    .execute();
  return rows.map((row) => ({ ...row, role: row.entryId === original ? 'original' : 'reversal' }));
}

export const entryAnswers = [listAnswer, readAnswer];
