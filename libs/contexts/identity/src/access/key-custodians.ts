import type { ActorsState } from '../tenant/actors.state.js';

/*
 * Who stands behind a service account. Whoever made it, or ever issued a key of it, may know a key that opens it, and
 * nobody can say who uses one: where two persons are asked for, all of them and the account are one. A key that was revoked
 * counts on, for what was asked with it may still wait.
 */
type Actors = Pick<ActorsState, 'services' | 'keys'>;

interface Hands {
  /** Persons by service account. */
  readonly persons: ReadonlyMap<string, ReadonlySet<string>>;
  /** Service accounts by person. */
  readonly services: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys by service account. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}
const known = new WeakMap<Actors, Hands>();

/** States are immutable, so what follows from one is kept beside it. */
function handsIn(state: Actors): Hands {
  const found = known.get(state);
  if (found) return found;
  const persons = new Map<string, Set<string>>();
  const services = new Map<string, Set<string>>();
  const keys = new Map<string, string[]>();
  const stands = (person: string, service: string) => {
    persons.set(service, (persons.get(service) ?? new Set<string>()).add(person));
    services.set(person, (services.get(person) ?? new Set<string>()).add(service));
  };
  for (const [serviceId, { createdBy }] of state.services) stands(createdBy, serviceId);
  for (const { keyId, holder, holderId, issuedBy } of state.keys.values()) {
    if (holder !== 'service') continue;
    keys.set(holderId, [...(keys.get(holderId) ?? []), keyId]);
    stands(issuedBy, holderId);
  }
  const hands = { persons, services, keys };
  known.set(state, hands);
  return hands;
}

const none: readonly string[] = [];

/** The service accounts behind which a person stands. */
export const servicesInCustodyOf = (personId: string, state: Actors): readonly string[] => [
  ...(handsIn(state).services.get(personId) ?? none),
];

/** Persons who stand behind any of these: keys of service accounts, or the accounts; the person of a key of their own. */
export function custodiansOf(ids: readonly string[], state: Actors): readonly string[] {
  const { persons } = handsIn(state);
  const found = ids.flatMap((id) => {
    const key = state.keys.get(id);
    if (key?.holder === 'person') return [key.holderId];
    return [...(persons.get(key?.holderId ?? id) ?? none)];
  });
  return [...new Set(found)];
}

/** Others that are the same hand as this actor (`Access.peers`). */
export function peersOf(actorId: string, state: Actors): readonly string[] {
  const { persons, services, keys } = handsIn(state);
  const key = state.keys.get(actorId);
  const own = key?.holder === 'service' ? [key.holderId] : none;
  const behind = key?.holder === 'service' ? [...(persons.get(key.holderId) ?? none)] : [key?.holderId ?? actorId];
  const accounts = new Set([...own, ...behind.flatMap((person) => [...(services.get(person) ?? none)])]);
  if (accounts.size === 0) return none;
  const ids = [...behind, ...[...accounts].flatMap((service) => keys.get(service) ?? none)];
  return [...new Set(ids)].filter((id) => id !== actorId);
}
