import { nameId, reject, streamName } from '@daybook/kernel';
import { answer, type Authenticator, type Context, context, decide, perform, type Resources } from '@daybook/server';
import { access } from './access/access.projection.js';
import { TokenAuthenticator } from './access/authenticator.js';
import { members } from './access/memberships.js';
import { people } from './person/people.projection.js';
import { personDecider } from './person/person.decider.js';
import { personEvents, platformTenant } from './person/person.events.js';
import { listPeople, personSteps } from './person/person.operations.js';
import { emailHash } from './session/keys.js';
import {
  changeOwnPassword,
  closeSession,
  openSession,
  readSession,
  refreshSession,
} from './session/session.operations.js';
import { Sessions } from './session/sessions.js';
import { SigningKeys } from './session/signing-keys.js';
import { tenantDecider } from './tenant/tenant.decider.js';
import { tenantEvents } from './tenant/tenant.events.js';
import { changeRole, tenantSteps } from './tenant/tenant.operations.js';

/** The id of a new person follows from his e-mail address, by its keyed hash: one person per address. */
export const personIdOf = (secret: string, email: string): string =>
  nameId(platformTenant, 'person', emailHash(secret, email).toString('hex'));

const tenant = {
  decider: tenantDecider,
  events: tenantEvents,
  stream: (_: unknown, caller: { tenant: string }) => streamName('identity.tenant', caller.tenant, caller.tenant),
};

const person = (secret: string) =>
  decide({
    operations: personSteps,
    decider: personDecider,
    events: personEvents,
    stream: (input, caller) => streamName('identity.person', caller.tenant, personOf(secret, input)),
    facts: async ({ input }) => ({ personId: personOf(secret, input) }),
  });
const personOf = (secret: string, input: { personId: string } | { email: string }): string =>
  'personId' in input ? input.personId : personIdOf(secret, input.email);

/** `declared`: the permissions of all operations, of all contexts; roles are made of them. */
export function identity(
  resources: Resources,
  declared: () => Iterable<string>,
): { context: Context; authenticator: Authenticator } {
  const keys = new SigningKeys(resources.pool, resources.secret);
  const sessions = new Sessions(resources, keys, declared);
  return {
    authenticator: new TokenAuthenticator(resources, keys, declared),
    context: context({
      name: 'identity',
      title: 'People and access',
      events: [...tenantEvents, ...personEvents],
      bindings: [
        decide({ ...tenant, operations: [changeRole] }),
        perform(openSession, (input, asking) => sessions.open(input, asking)),
        perform(refreshSession, (input, asking) => sessions.refresh(input, asking)),
        perform(closeSession, (_, asking) => sessions.close(asking)),
        perform(readSession, (_, asking) => sessions.read(asking)),
        perform(changeOwnPassword, (input, asking) =>
          asking.caller.actor.kind === 'person'
            ? sessions.changePassword(input, asking)
            : Promise.resolve(reject('identity.no-person', 'Only a person has a password.', { status: 403 })),
        ),
        // Names are those of now, whatever moment is read: they are for people to recognise each other.
        answer(listPeople, async (_, read) => {
          const here = await members(read);
          const people = await sessions.memberships.people(here.map((m) => m.personId));
          const names = new Map(people.map(({ id, name }) => [id, name]));
          return {
            items: here.map(({ personId, role }) => ({ id: personId, name: names.get(personId) ?? null, role })),
          };
        }),
      ],
      internal: [decide({ ...tenant, operations: tenantSteps }), person(resources.secret)],
      projections: [access, people],
      views: { people: listPeople },
    }),
  };
}
