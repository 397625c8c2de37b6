import { type PersonalData, personalDataOf, type Subject } from '@daybook/server';
import { anyOf, type ReadContext } from '@daybook/projections';
import { type SqlBool, sql } from 'kysely';
import { Approvables } from './approvables.js';
import { requests } from './request.projection.js';
import { requestStream } from './load-request.js';
import { readableRows, requestReader } from './visibility.js';

/** A copy of somebody's data ends; the newest are in it. */
const most = 200;

const requestedByPerson = (read: ReadContext, { personId }: Subject) =>
  read.db
    .selectFrom(read.rows(requests).as('c'))
    .where('c.initiatorId', '=', personId)
    .orderBy('c.submissionOrder', 'desc');

const dataOf = (approvables: Approvables): PersonalData => ({
  // Somebody else who makes the copy gets of a command about what they may not read only that it was asked for.
  collect: async (subject, read) => {
    const reader = await requestReader(read.caller, approvables);
    const isShown = subject.own ? sql<SqlBool>`true` : readableRows(read, reader, approvables, ['whole']);
    const rows = await requestedByPerson(read, subject)
      .select(['c.requestedAt', 'c.operation', 'c.summary', 'c.status', 'c.input'])
      .select(sql<boolean>`${isShown}`.as('isShown'))
      .limit(most)
      .execute();
    const items = rows.map(({ input, summary, isShown: shown, ...row }) => ({
      ...row,
      summary: shown ? summary : approvables.titleOf(row.operation),
      input: shown && input !== null ? JSON.parse(input) : null,
    }));
    return [{ name: 'approvals', title: 'What was asked for and had to be approved', items }];
  },
  streams: async (subject, read) => {
    const ids = [subject.personId, ...subject.aliases];
    const rows = await read.db
      .selectFrom(read.rows(requests).as('c'))
      .select('c.id')
      .where((w) => w.or([w('c.initiatorId', '=', subject.personId), w('c.sealedFor', '=', anyOf(ids))]))
      .execute();
    return rows.map(({ id }) => requestStream(subject.tenant, id));
  },
  aliases: async (_, emails, read) => {
    // As a value of its own within the content, however it is written.
    const said = emails.map((email) => JSON.stringify(email).toLowerCase());
    const rows = await read.db
      .selectFrom(read.rows(requests).as('c'))
      .select('c.sealedFor')
      .whereRef('c.sealedFor', '<>', 'c.initiatorId')
      .where(
        sql<boolean>`exists (select from unnest(${said}::text[]) as s (one) where strpos(lower(c.input), one) > 0)`,
      )
      .execute();
    return rows.map(({ sealedFor }) => sealedFor);
  },
});

/**
 * What approvals keep of a person: the commands they asked for, with their content. What waits to become an invitation is
 * sealed under the id of that invitation, and goes with it.
 */
export const requestPersonalData = personalDataOf({ approvables: Approvables }, ({ approvables }) =>
  dataOf(approvables),
);
