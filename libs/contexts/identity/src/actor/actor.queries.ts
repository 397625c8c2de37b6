import { answer } from '@daybook/server';
import { memberTable } from '../access/access.projection.js';
import { only } from '../injected.js';
import { keyTable, serviceTable } from '../key/keys.projection.js';
import { supportTable } from '../support/support.projection.js';
import { listActors } from './actor.operations.js';

/** Names are those the tenant may see now, whatever moment is read: they are for people to recognise who it was. */
export const actorAnswers = [
  answer(listActors, only('memberships'), async (_, read, { memberships }) => {
    const members = await read.db.selectFrom(read.rows(memberTable).as('m')).select('m.personId as id').execute();
    const supporters = await read.db
      .selectFrom(read.rows(supportTable).as('c'))
      .select('c.supporterId as id')
      .where('c.entries', '>', 0)
      .distinct()
      .execute();
    const keys = await read.db
      .selectFrom(read.rows(keyTable).as('k'))
      .leftJoin(read.rows(serviceTable).as('s'), 's.serviceId', 'k.holderId')
      .select(['k.keyId as id', 'k.name', 's.name as service'])
      .orderBy('k.keyId')
      .execute();
    const ids = [...new Set([...members, ...supporters].flatMap(({ id }) => id ?? []))];
    const own = new Set(members.map(({ id }) => id));
    const people = new Map(
      [
        ...(await memberships.shownIn(read.tenant, [...own])),
        // Support came from elsewhere, by a consent that somebody here gave.
        ...(await memberships.people(ids.filter((id) => !own.has(id)))),
      ].map(({ id, name }) => [id, name]),
    );
    return {
      items: [
        ...ids.map((id) => ({ id, kind: 'person' as const, name: people.get(id) ?? null })),
        ...keys.map(({ id, name, service }) => ({
          id,
          kind: 'key' as const,
          name: service === null ? name : `${service}: ${name}`,
        })),
      ],
    };
  }),
];
