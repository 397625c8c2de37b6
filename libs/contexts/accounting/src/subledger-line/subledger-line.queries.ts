import { type Party, toMoney } from '@daybook/kernel';
import { answer } from '@daybook/server';
import { sql } from 'kysely';
import { companies } from '../company/company.projection.js';
import { listIn } from '../company/company.queries.js';
import { entryLines } from '../entry/entry.projection.js';
import { listSubledgerLines } from './subledger-line.operations.js';

export const subledgerLineAnswers = [
  answer(listSubledgerLines, async ({ cursor, limit, ...input }, read) => {
    const fetch = (after: readonly (string | null)[] | null, count: number) => {
      const [partyType, partyId] = [sql<Party['type']>`l.party ->> 'type'`, sql<string>`l.party ->> 'id'`];
      let query = read.db
        .selectFrom(read.rows(entryLines).as('l'))
        .innerJoin(read.rows(companies).as('c'), 'c.id', 'l.companyId')
        .select([
          'c.currency',
          'l.entryId',
          'l.line',
          'l.number',
          'l.date',
          'l.voucher',
          'l.description',
          'l.entryDescription',
          'l.side',
        ])
        .select(['l.amount', 'l.postingOrder', partyId.as('party')])
        .select(partyType.as('partyType'))
        .where('l.companyId', '=', input.companyId)
        .where(sql<boolean>`${partyId} is not null`);
      if (input.partyType !== undefined) query = query.where(sql<boolean>`${partyType} = ${input.partyType}`);
      if (input.party !== undefined) query = query.where(sql<boolean>`${partyId} = ${input.party}`);
      if (input.from !== undefined) query = query.where('l.date', '>=', input.from);
      if (input.to !== undefined) query = query.where('l.date', '<=', input.to);
      if (after !== null) {
        query = query.where(sql<boolean>`(l.date, l."postingOrder") < (${after[0]}::date, ${after[1]}::bigint)`);
      }
      return query.orderBy('l.date', 'desc').orderBy('l.postingOrder', 'desc').limit(count).execute();
    };
    const page = await read.page(
      { limit, cursor },
      { ...input, parties: read.caller.parties ?? 'all' },
      (row) => [row.date, row.postingOrder],
      fetch,
    );
    return listIn(read, input.companyId, {
      next: page.next,
      items: page.items.map(({ postingOrder: _, amount, side, description, entryDescription, ...item }) => {
        const money = toMoney(amount, item.currency);
        return {
          ...item,
          id: `${item.entryId}/${item.line}`,
          description: description ?? entryDescription,
          debit: side === 'debit' ? money : null,
          credit: side === 'credit' ? money : null,
        };
      }),
    });
  }),
];
