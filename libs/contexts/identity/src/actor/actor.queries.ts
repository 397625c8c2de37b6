import { inOneTrip } from '@daybook/projections';
import { answer } from '@daybook/server';
import { memberTable } from '../access/access.projection.js';
import { shownOf, shownStatements } from '../access/memberships.js';
import { deps } from '../injected.js';
import { apiKeyTable, serviceTable } from '../api-key/api-key.projection.js';
import { delegatedAccessTable } from '../delegated-access/delegated-access.projection.js';
import { listActors } from './actor.operations.js';

/** Names are current ones, even for an earlier moment, so that people recognise who it was. */
export const actorAnswers = [
  answer(listActors, deps('memberships'), async (_, read, { memberships }) => {
    const { db } = read;
    const [members, delegates, keys, former, shown] = await inOneTrip(
      db,
      db.selectFrom(read.rows(memberTable).as('m')).select('m.personId as id'),
      db
        .selectFrom(read.rows(delegatedAccessTable).as('c'))
        .select(['c.delegateId as id', 'c.until', 'c.endedAt'])
        .where('c.entries', '>', 0),
      db
        .selectFrom(read.rows(apiKeyTable).as('k'))
        .leftJoin(read.rows(serviceTable).as('s'), 's.serviceId', 'k.holderId')
        .select(['k.keyId as id', 'k.name', 's.name as service'])
        .orderBy('k.keyId'),
      ...shownStatements(read, null),
    );
    const ids = [...new Set([...members, ...delegates].flatMap(({ id }) => id ?? []))];
    const own = new Set(members.map(({ id }) => id));
    const elsewhere = delegates.filter(({ id }) => id !== null && !own.has(id));
    const people = new Map(shownOf(former, shown).map(({ id, name }) => [id, name]));
    // A delegate who is no member here: the tenant sees no name they take after their last consent ended.
    for (const [at, those] of byLastMoment(elsewhere, new Date().toISOString())) {
      for (const { id, name } of await memberships.people(those, at)) people.set(id, name);
    }
    return {
      items: [
        ...ids.map((id) => ({ id, kind: 'person' as const, name: people.get(id) ?? null })),
        ...keys.map(({ id, name, service }) => ({
          id,
          kind: 'api-key' as const,
          name: service === null ? name : `${service}: ${name}`,
        })),
      ],
    };
  }),
];

interface Consent {
  readonly id: string | null;
  readonly until: string;
  readonly endedAt: string | null;
}

/** Delegates by the moment their last consent ended; null for those who may act now. */
export function byLastMoment(consents: readonly Consent[], now: string): Map<string | null, string[]> {
  const last = new Map<string, string>();
  for (const { id, until, endedAt } of consents) {
    const end = endedAt !== null && Date.parse(endedAt) < Date.parse(until) ? endedAt : until;
    if (id !== null && Date.parse(end) > Date.parse(last.get(id) ?? '1970-01-01T00:00:00Z')) last.set(id, end);
  }
  const moments = new Map<string | null, string[]>();
  for (const [id, end] of last) {
    const moment = Date.parse(end) > Date.parse(now) ? null : end;
    moments.set(moment, [...(moments.get(moment) ?? []), id]);
  }
  return moments;
}
