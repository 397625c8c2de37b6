import { anyOf, inOneTrip, type ReadContext } from '@daybook/projections';
import { answer, type Injected } from '@daybook/server';
import { sql } from 'kysely';
import type * as z from 'zod';
import { deps } from '../injected.js';
import { tenantTable } from '../access/access.projection.js';
import { provesOwnCredential } from '../session/credential-proof.js';
import {
  listDelegatedAccess,
  listDelegatedAccessConsents,
  type ownDelegatedAccess,
  type delegatedAccessRow,
} from './delegated-access.operations.js';
import { DelegatedAccessConsents } from './delegated-access-consents.js';
import { delegatedAccessTable } from './delegated-access.projection.js';

type Row = z.infer<typeof delegatedAccessRow>;
type Own = z.infer<typeof ownDelegatedAccess>;

/** Own consents stay in the list this long after their end. */
const listedMs = 90 * 86_400_000;

const fields = [
  ...(['c.delegatedAccessId', 'c.personId', 'c.delegateId', 'c.reason', 'c.allowedAt', 'c.until'] as const),
  ...(['c.endedAt', 'c.endedBy', 'c.enteredAt', 'c.entries', 'c.version'] as const),
] as const;
const consentsIn = (read: ReadContext) => read.db.selectFrom(read.rows(delegatedAccessTable).as('c')).select(fields);
const tenantQuery = (read: ReadContext) => read.db.selectFrom(read.rows(tenantTable).as('t')).select('t.name');

const statusOf = ({ endedAt, until }: Row, now: number): Own['status'] =>
  endedAt !== null ? 'ended' : Date.parse(until) <= now ? 'expired' : 'open';

const using = { consents: DelegatedAccessConsents, ...deps('memberships', 'sessions', 'read') } as const;

const shown = (row: Row, more: Pick<Own, 'direction' | 'email' | 'personName' | 'tenantName'>): Own => {
  const { delegatedAccessId, reason, allowedAt, until, endedAt, enteredAt } = row;
  return {
    delegatedAccessId,
    reason,
    allowedAt,
    until,
    endedAt,
    enteredAt,
    status: statusOf(row, Date.now()),
    ...more,
  };
};
const recent = ({ until }: Row): boolean => Date.parse(until) > Date.now() - listedMs;

/** Reads one tenant at a time, under each tenant's row-level security. */
async function received(
  delegateId: string,
  { consents, memberships, read: readIn }: Injected<typeof using>,
): Promise<Own[]> {
  const byTenant = Map.groupBy(await consents.to(delegateId), ({ tenant }) => tenant);
  const found: Own[] = [];
  for (const [tenant, kept] of byTenant) {
    const ids = kept.map(({ delegatedAccessId }) => delegatedAccessId);
    const { rows, name, people } = await readIn(tenant, async (read) => {
      const consents = consentsIn(read).where('c.delegatedAccessId', '=', anyOf(ids));
      const [rows, [named]] = await inOneTrip(read.db, consents, tenantQuery(read));
      const persons = [...new Set(rows.map(({ personId }) => personId))];
      return { rows, name: named?.name ?? '', people: await memberships.shownIn(tenant, persons, read) };
    });
    const names = new Map(people.map(({ id, name: of }) => [id, of]));
    for (const row of rows.filter(recent)) {
      const personName = names.get(row.personId) ?? null;
      found.push(shown(row, { direction: 'received', email: null, personName, tenantName: name }));
    }
  }
  return found;
}

export const delegatedAccessAnswers = [
  answer(listDelegatedAccess, using, async (_, read, given) => {
    const { consents, sessions } = given;
    const { id } = read.caller.actor;
    const [consented, [named]] = await inOneTrip(
      read.db,
      consentsIn(read).where('c.personId', '=', id),
      tenantQuery(read),
    );
    const allowed = consented.filter(recent);
    const emails = await consents.addresses(
      read.tenant,
      allowed.map(({ delegatedAccessId }) => delegatedAccessId),
    );
    const name = named?.name ?? '';
    const items = [
      ...allowed.map((row) =>
        shown(row, {
          direction: 'given',
          email: emails.get(row.delegatedAccessId) ?? null,
          personName: null,
          tenantName: name,
        }),
      ),
      ...((await provesOwnCredential(read.caller, sessions)) ? await received(id, given) : []),
    ];
    return { items: items.sort((a, b) => (a.allowedAt < b.allowedAt ? 1 : -1)) };
  }),
  answer(listDelegatedAccessConsents, using, async ({ limit, cursor, personId }, read, { consents, memberships }) => {
    const page = await read.page<Row>(
      { limit, cursor },
      { personId },
      (row) => [row.allowedAt, row.delegatedAccessId],
      (after, count) =>
        consentsIn(read)
          .$if(personId !== undefined, (q) => q.where('c.personId', '=', personId as string))
          .$if(after !== null, (q) =>
            q.where(
              sql<boolean>`(c."allowedAt", c."delegatedAccessId") < (${after?.[0]}::timestamptz, ${after?.[1]}::uuid)`,
            ),
          )
          .orderBy('c.allowedAt', 'desc')
          .orderBy('c.delegatedAccessId', 'desc')
          .limit(count)
          .execute(),
    );
    const ids = page.items.map(({ delegatedAccessId }) => delegatedAccessId);
    const persons = [...new Set(page.items.map((row) => row.personId))];
    const [emails, people] = await Promise.all([
      consents.addresses(read.tenant, ids),
      memberships.shownIn(read.tenant, persons, read),
    ]);
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const items = page.items.map((row) => ({
      ...row,
      personName: names.get(row.personId) ?? null,
      email: emails.get(row.delegatedAccessId) ?? null,
      status: statusOf(row, Date.now()),
    }));
    return { ...page, items };
  }),
];
