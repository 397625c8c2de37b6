import { answer } from '@daybook/server';
import { sql } from 'kysely';
import { inFields } from '../grant/party.schema.js';
import { listInvitations } from './invitation.operations.js';
import { invitationTable } from './invitation.projection.js';

const fields = [
  'i.invitationId',
  'i.email',
  'i.personId',
  'i.role',
  'i.companyId',
  'i.party',
  'i.until',
  'i.sentBy',
  'i.sentAt',
  'i.expiresAt',
  'i.closedAt',
  'i.version',
  'i.ordinal',
] as const;

export const invitationAnswers = [
  answer(listInvitations, async ({ status, limit, cursor }, read) => {
    const now = new Date().toISOString();
    const statusNow = sql<'sent' | 'accepted' | 'withdrawn' | 'expired'>`
      case when i.status = 'sent' and i."expiresAt" <= ${now}::timestamptz then 'expired' else i.status end`;
    const fetch = (after: readonly (string | null)[] | null, count: number) => {
      let rows = read.db
        .selectFrom(read.rows(invitationTable).as('i'))
        .select([...fields, statusNow.as('status')])
        .orderBy('i.ordinal', 'desc')
        .limit(count);
      if (status !== undefined) rows = rows.where(statusNow, '=', status);
      if (after !== null) rows = rows.where(sql<boolean>`i.ordinal < ${after[0]}::bigint`);
      return rows.execute();
    };
    const page = await read.page({ limit, cursor }, { status }, (row) => [row.ordinal], fetch);
    return {
      items: page.items.map(({ ordinal: _, party, ...row }) => ({ ...row, ...inFields(party) })),
      next: page.next,
    };
  }),
];
