import { anyOf, inOneTrip } from '@daybook/projections';
import { isRejection, reject, toMoney } from '@daybook/kernel';
import { answer, customAsked, isBehind, orderBy, type QueryContext, type Sort, textOf } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { sql } from 'kysely';
import type * as z from 'zod';
import { accounts } from '../account/account.projection.js';
import { companyIn, companyQuery, listIn } from '../company/company.queries.js';
import { creditOf } from '../ledger/entry-lines.js';
import { imports } from '../import/import.projection.js';
import { contains, isAccount } from '../ledger/sql.js';
import { type entryDetail, listEntries, readEntry } from './entry.operations.js';
import { entries, entryLines } from './entry.projection.js';

const fields = [
  'e.id',
  'e.number',
  'e.journal',
  'e.fiscalYear',
  'e.date',
  'e.period',
  'e.kind',
  'e.description',
  'e.voucher',
  'e.mainAccount',
  'e.party',
  'e.amount',
  'e.currency',
  'e.status',
  'e.recordedAt',
  'e.recordedBy',
  'e.position',
  'e.custom',
  'e.version',
] as const;

/** Account names are joined when read, so that they are right at any moment that the list is read as of. */
const entriesOf = (read: QueryContext, companyId: string) =>
  read.db
    .selectFrom(read.rows(entries).as('e'))
    .leftJoin(read.rows(accounts).as('a'), (join) =>
      join.onRef('a.companyId', '=', 'e.companyId').on(isAccount('a.number', 'e.mainAccount')),
    )
    .where('e.companyId', '=', companyId)
    .select(fields)
    .select(sql<string>`coalesce(a.name, '')`.as('mainAccountName'));

/** Behind a custom field that is sorted by. */
const byDate = (down: boolean): Sort[] =>
  ['date', 'postingOrder'].map((column) => ({
    expression: sql.ref(`e.${column}`),
    of: (row) => row[column],
    down,
    nullable: false,
  }));

const listAnswer = answer(
  listEntries,
  { bindings: Bindings },
  async ({ cursor, limit, ...input }, read, { bindings }) => {
    const newest = input.order === 'newest';
    const custom = await customAsked(bindings.customFields, listEntries.custom, input, read, 'e');
    const order: Sort[] = custom.sort ? [custom.sort, ...byDate(newest)] : [];
    const onAccounts = (numbers: readonly string[]) =>
      read.db
        .selectFrom(read.rows(entryLines).as('l'))
        .select('l.entryId')
        .where('l.companyId', '=', input.companyId)
        .where('l.account', '=', anyOf(numbers));
    const fetch = (after: readonly (string | null)[] | null, count: number) => {
      const { text, from, to, fiscalYear, period, journal, account, amountFrom, amountTo, status } = input;
      let query = entriesOf(read, input.companyId).select(['e.postingOrder', 'e.customSort']);
      if (text !== undefined) query = query.where(contains(text, 'e.number', 'e.description', 'e.voucher'));
      if (from !== undefined) query = query.where('e.date', '>=', from);
      if (to !== undefined) query = query.where('e.date', '<=', to);
      if (fiscalYear !== undefined) query = query.where('e.fiscalYear', '=', fiscalYear);
      if (period !== undefined) query = query.where('e.period', '=', anyOf(period));
      if (journal !== undefined) query = query.where('e.journal', '=', anyOf(journal));
      if (account !== undefined) query = query.where(sql<boolean>`${sql.ref('e.id')} in ${onAccounts(account)}`);
      if (amountFrom !== undefined) query = query.where('e.amount', '>=', amountFrom);
      if (amountTo !== undefined) query = query.where('e.amount', '<=', amountTo);
      if (status !== undefined) query = query.where('e.status', '=', anyOf(status));
      if (input.recordedBy !== undefined) query = query.where('e.recordedBy', '=', input.recordedBy);
      if (input.id !== undefined) query = query.where('e.id', '=', anyOf(input.id));
      if (input.importId !== undefined) query = query.where('e.importId', '=', input.importId);
      for (const condition of custom.where) query = query.where(condition);
      if (custom.sort !== null)
        return query
          .$if(after !== null, (one) => one.where(isBehind(order, after ?? [])))
          .orderBy(orderBy(order))
          .limit(count)
          .execute();
      if (after !== null) {
        const beyond = sql.raw(newest ? '<' : '>');
        query = query.where(
          sql<boolean>`(e.date, e."postingOrder") ${beyond} (${after[0]}::date, ${after[1]}::bigint)`,
        );
      }
      const direction = newest ? 'desc' : 'asc';
      return query.orderBy('e.date', direction).orderBy('e.postingOrder', direction).limit(count).execute();
    };
    const keyOf = (row: { date: string; postingOrder: string }) =>
      custom.sort === null ? [row.date, row.postingOrder] : order.map(({ of }) => textOf(of(row)));
    const page = await read.page({ limit, cursor }, input, keyOf, fetch);
    return listIn(read, input.companyId, {
      items: page.items.map(({ postingOrder: _, customSort: __, ...row }) => ({
        ...row,
        amount: toMoney(row.amount, row.currency),
      })),
      next: page.next,
    });
  },
);

const readAnswer = answer(readEntry, async ({ companyId, entryId }, read) => {
  const [ofCompany, [found], rows] = await inOneTrip(
    read.db,
    companyQuery(read, companyId),
    entriesOf(read, companyId)
      .select(['e.documentDate', 'e.reverses', 'e.reversedBy', 'e.importId', 'e.source'])
      .where('e.id', '=', entryId),
    linesQuery(read, entryId),
  );
  const company = companyIn(ofCompany, companyId);
  if (isRejection(company)) return company;
  if (!found) {
    return reject('accounting.entry-not-found', 'There is no such entry.', { status: 404, details: { entryId } });
  }
  const { source, ...entry } = found;
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
