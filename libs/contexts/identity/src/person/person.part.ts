import { nameId, streamName } from '@daybook/kernel';
import { answer, type ContextPart, decide } from '@daybook/server';
import { accessRows } from '../access/access-rows.js';
import { roleName } from '../role/role-permissions.js';
import { deps } from '../injected.js';
import { emailHash } from '../session/secret-sealing.js';
import { personProjection } from './person.projection.js';
import { personDecider } from './person.decider.js';
import { personEvents, platformTenant } from './person.events.js';
import { listPeople } from './person.operations.js';
import { personSteps } from './person.internal.js';

/** The id of a new person is derived from the keyed hash of their e-mail address: one person per address. */
export const personIdOf = (secret: string, email: string): string =>
  nameId(platformTenant, 'person', emailHash(secret, email).toString('hex'));

const personOf = (secret: string, input: { personId?: string | undefined; email?: string }): string =>
  input.personId ?? personIdOf(secret, input.email ?? '');

export const personPart: ContextPart = {
  events: personEvents,
  bindings: [
    // Current names, even when the past is read: they are for people to recognise each other.
    answer(listPeople, deps('memberships'), async (_, reading, { memberships }) => {
      const { members, grants, ...rows } = await accessRows(reading);
      const people = await memberships.shownIn(
        reading.tenant,
        members.map(({ personId }) => personId),
        reading,
      );
      const known = new Map(people.map((person) => [person.id, person]));
      const sharing = Map.groupBy(people, ({ name }) => name);
      const emailOf = (person: (typeof people)[number] | undefined) =>
        person?.name && sharing.get(person.name)!.length > 1 ? person.email : null;
      const rolesOf = (personId: string) =>
        [...grants.values()].filter(({ holderId }) => holderId === personId).map(({ role }) => roleName(role, rows));
      return {
        items: members.map(({ personId }) => ({
          id: personId,
          name: known.get(personId)?.name ?? null,
          role: [...new Set(rolesOf(personId))].sort().join(', '),
          email: emailOf(known.get(personId)),
        })),
      };
    }),
  ],
  internal: [
    decide({
      operations: personSteps,
      decider: personDecider,
      events: personEvents,
      inject: deps('secret'),
      stream: (input, caller, _newId, { secret }) =>
        streamName('identity.person', caller.tenant, personOf(secret, input)),
      facts: { personId: { binding: ({ input }, { secret }) => personOf(secret, input) } },
      mayChangeNothing: true,
    }),
  ],
  projections: [personProjection],
  channels: { people: listPeople },
};
