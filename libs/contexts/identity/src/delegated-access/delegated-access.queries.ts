import { inOneTrip, type ReadContext } from '@daybook/projections';
import { answer, type QueryContext } from '@daybook/server';
import { sql } from 'kysely';
import type * as z from 'zod';
import { deps } from '../injected.js';
import { formerMemberTable, memberTable, tenantTable } from '../access/access.projection.js';
import { shownOf } from '../access/memberships.js';
import { platformTenant } from '../person/person.events.js';
import { personTable } from '../person/person.projection.js';
import { provesOwnCredential } from '../session/credential-proof.js';
import {
  listDelegatedAccess,
  listDelegatedAccessConsents,
  type ownDelegatedAccess,
  type delegatedAccessRow,
} from './delegated-access.operations.js';
import { DelegatedAccessConsents, type ReceivedConsent } from './delegated-access-consents.js';
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

const using = { consents: DelegatedAccessConsents, ...deps('memberships', 'sessions') } as const;

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

/**
 * What they received in other tenants, as it is now: all in one round trip. Each tenant shows its own consents, and the names of its
 * members only; of others, as they were when they left.
 */
async function received(kept: readonly ReceivedConsent[], read: QueryContext): Promise<Own[]> {
  if (kept.length === 0) return [];
  const byTenant = [...Map.groupBy(kept, ({ tenant }) => tenant)];
  const [people, ...found] = await Promise.all([
    peopleOf(read, personsIn(kept)),
    ...byTenant.map(async ([tenant, those]) => consentsOf(read, tenant, those)),
  ]);
  return found.flatMap(({ consents, named, members, former }) => {
    const here = new Set(members.map(({ id }) => id));
    const names = new Map(
      shownOf(
        former,
        people.filter(({ id }) => here.has(id)),
      ).map(({ id, name }) => [id, name]),
    );
    return consents.filter(recent).map((row) => {
      const personName = names.get(row.personId) ?? null;
      return shown(row, { direction: 'received', email: null, personName, tenantName: named[0]?.name ?? '' });
    });
  });
}

async function consentsOf({ db, elsewhere }: QueryContext, tenant: string, kept: readonly ReceivedConsent[]) {
  const [ids, persons] = [uuids(kept.map(({ delegatedAccessId }) => delegatedAccessId)), uuids(personsIn(kept))];
  const [consents, named, members, former] = await inOneTrip(
    db,
    db.selectFrom(elsewhere(tenant, delegatedAccessTable, ids).as('c')).select(fields),
    db.selectFrom(elsewhere(tenant, tenantTable, uuids([tenant])).as('t')).select('t.name'),
    db
      .selectFrom(elsewhere(tenant, memberTable, persons).as('m'))
      .select('m.personId as id')
      .where('m.status', '=', 'active'),
    db
      .selectFrom(elsewhere(tenant, formerMemberTable, persons).as('p'))
      .select(['p.personId as id', 'p.name', 'p.email']),
  );
  return { consents, named, members, former };
}

const peopleOf = ({ db, elsewhere }: QueryContext, ids: readonly string[]) =>
  db
    .selectFrom(elsewhere(platformTenant, personTable, uuids(ids)).as('p'))
    .select(['p.personId as id', 'p.name', 'p.email'])
    .execute();
const uuids = (ids: readonly string[]) => sql<string[]>`${ids}::uuid[]`;
const personsIn = (kept: readonly ReceivedConsent[]) => [...new Set(kept.map(({ personId }) => personId))];

export const delegatedAccessAnswers = [
  answer(listDelegatedAccess, using, async (_, read, { consents, sessions }) => {
    const { id } = read.caller.actor;
    const provesOwn = await provesOwnCredential(read.caller, sessions);
    const [consented, [named], kept] = await Promise.all([
      consentsIn(read).where('c.personId', '=', id).execute(),
      tenantQuery(read).execute(),
      provesOwn ? consents.to(id, read.db) : [],
    ]);
    const allowed = consented.filter(recent);
    const ids = allowed.map(({ delegatedAccessId }) => delegatedAccessId);
    const [emails, others] = await Promise.all([consents.addresses(read, ids), received(kept, read)]);
    const tenantName = named?.name ?? '';
    const given = allowed.map((row) => {
      const email = emails.get(row.delegatedAccessId) ?? null;
      return shown(row, { direction: 'given', email, personName: null, tenantName });
    });
    return { items: [...given, ...others].sort((a, b) => (a.allowedAt < b.allowedAt ? 1 : -1)) };
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
      consents.addresses(read, ids),
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
