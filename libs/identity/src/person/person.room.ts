import { nameId, streamName } from '@daybook/kernel';
import { answer, decide } from '@daybook/server';
import { Memberships, members } from '../access/memberships.js';
import type { IdentityParts, Room } from '../room.js';
import { emailHash } from '../session/keys.js';
import { people } from './people.projection.js';
import { personDecider } from './person.decider.js';
import { personEvents, platformTenant } from './person.events.js';
import { listPeople, personSteps } from './person.operations.js';

/** The id of a new person follows from his e-mail address, by its keyed hash: one person per address. */
export const personIdOf = (secret: string, email: string): string =>
  nameId(platformTenant, 'person', emailHash(secret, email).toString('hex'));

const personOf = (secret: string, input: { personId: string } | { email: string }): string =>
  'personId' in input ? input.personId : personIdOf(secret, input.email);

export function personRoom({ secret, read }: IdentityParts): Room {
  const memberships = new Memberships(read);
  return {
    events: personEvents,
    bindings: [
      // Names are those of now, whatever moment is read: they are for people to recognise each other.
      answer(listPeople, async (_, reading) => {
        const here = await members(reading);
        const people = await memberships.people(here.map((m) => m.personId));
        const names = new Map(people.map(({ id, name }) => [id, name]));
        return {
          items: here.map(({ personId, role }) => ({ id: personId, name: names.get(personId) ?? null, role })),
        };
      }),
    ],
    internal: [
      decide({
        operations: personSteps,
        decider: personDecider,
        events: personEvents,
        stream: (input, caller) => streamName('identity.person', caller.tenant, personOf(secret, input)),
        facts: async ({ input }) => ({ personId: personOf(secret, input) }),
        mayChangeNothing: true,
      }),
    ],
    projections: [people],
    views: { people: listPeople },
  };
}
