import type { ActorsState } from '../tenant/actors.state.js';

/*
 * Who may be using a service account. Anyone who created it or issued a key of it may know a key, and nobody can tell
 * who uses one. So where two people are required, the account and all its custodians count as one. Revoked keys count
 * too: a request made with one may still be waiting.
 */
type Actors = Pick<ActorsState, 'services' | 'keys'>;

interface Custody {
  /** People by service account. */
  readonly persons: ReadonlyMap<string, ReadonlySet<string>>;
  /** Service accounts by person. */
  readonly services: ReadonlyMap<string, ReadonlySet<string>>;
  /** Keys by service account. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}
const known = new WeakMap<Actors, Custody>();

/** States are immutable, so the result is cached per state. */
function custodyIn(state: Actors): Custody {
  const found = known.get(state);
  if (found) return found;
  const persons = new Map<string, Set<string>>();
  const services = new Map<string, Set<string>>();
  const keys = new Map<string, string[]>();
  const link = (person: string, service: string) => {
    persons.set(service, (persons.get(service) ?? new Set<string>()).add(person));
    services.set(person, (services.get(person) ?? new Set<string>()).add(service));
  };
  for (const [serviceId, { createdBy }] of state.services) link(createdBy, serviceId);
  for (const { keyId, holder, holderId, issuedBy } of state.keys.values()) {
    if (holder !== 'service') continue;
    keys.set(holderId, [...(keys.get(holderId) ?? []), keyId]);
    link(issuedBy, holderId);
  }
  const custody = { persons, services, keys };
  known.set(state, custody);
  return custody;
}

const none: readonly string[] = [];

/** The service accounts that a person is a custodian of. */
export const servicesInCustodyOf = (personId: string, state: Actors): readonly string[] => [
  ...(custodyIn(state).services.get(personId) ?? none),
];

/** The custodians of these service accounts and of their keys; for an own key, the person who holds it. */
export function custodiansOf(ids: readonly string[], state: Actors): readonly string[] {
  const { persons } = custodyIn(state);
  const found = ids.flatMap((id) => {
    const key = state.keys.get(id);
    if (key?.holder === 'person') return [key.holderId];
    return [...(persons.get(key?.holderId ?? id) ?? none)];
  });
  return [...new Set(found)];
}

/** Other actors that count as the same person as this one (`Access.peers`). */
export function peersOf(actorId: string, state: Actors): readonly string[] {
  const { persons, services, keys } = custodyIn(state);
  const key = state.keys.get(actorId);
  const own = key?.holder === 'service' ? [key.holderId] : none;
  const behind = key?.holder === 'service' ? [...(persons.get(key.holderId) ?? none)] : [key?.holderId ?? actorId];
  const accounts = new Set([...own, ...behind.flatMap((person) => [...(services.get(person) ?? none)])]);
  if (accounts.size === 0) return none;
  const ids = [...behind, ...[...accounts].flatMap((service) => keys.get(service) ?? none)];
  return [...new Set(ids)].filter((id) => id !== actorId);
}
