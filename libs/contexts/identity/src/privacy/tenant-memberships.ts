import { type NewEvent, reject, type Rejection, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { type TenantStateCache, tenantStream } from '../access/tenant-state-cache.js';
import { invitationIds, invitationsIn } from '../invitation/invitation-status.js';
import { memberAdded, memberDeactivated } from '../member/member.events.js';
import { isErased, personStream } from '../person/erased.js';
import { normalEmail } from '../session/secret-sealing.js';
import { type PrivacyFacts, privacyDecider, type PrivacyState } from './privacy.decider.js';
import { type PrivacyEvent, privacyEvents } from './privacy.events.js';

/*
 * The tenants of a person, and their decisions about the person's data: read from the event store, because erasure depends
 * on it. A tenant learns about other tenants only whether there is one.
 */
export const privacyStream = (tenant: string, personId: string): string =>
  streamName('identity.privacy', tenant, personId);

interface Deps {
  readonly events: EventReader;
  readonly tenantStates: Pick<TenantStateCache, 'current'>;
}

const known: ReadonlySet<string> = new Set(privacyEvents.map(({ name }) => name));
export const isPrivacyEvent = (event: NewEvent): event is PrivacyEvent => known.has(event.type);

export async function privacyIn(
  { events }: Pick<Deps, 'events'>,
  tenant: string,
  personId: string,
): Promise<PrivacyState> {
  let state = privacyDecider.initial;
  for await (const event of events.stream(privacyStream(tenant, personId))) {
    if (isPrivacyEvent(event)) state = privacyDecider.evolve(state, event, event);
  }
  return state;
}

/** Tenants that the person ever joined, in order. */
export async function tenantsOf({ events }: Pick<Deps, 'events'>, personId: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const { type, data } of events.stream(personStream(personId))) {
    if (type === 'identity.tenant-joined') found.add((data as { tenantId: string }).tenantId);
  }
  return [...found];
}

/** All names and addresses that can still be unsealed, the latest first. */
export async function namesOf({ events }: Pick<Deps, 'events'>, personId: string) {
  const [names, emails] = [new Set<string>(), new Set<string>()];
  for await (const { data } of events.stream(personStream(personId))) {
    const { name, email } = data as { name?: unknown; email?: unknown };
    if (typeof name === 'string') names.add(name);
    if (typeof email === 'string') emails.add(email);
  }
  return { names: [...names].reverse(), emails: [...emails].reverse() };
}

export async function membershipIn(
  { tenantStates }: Pick<Deps, 'tenantStates'>,
  tenant: string,
  personId: string,
): Promise<PrivacyFacts['membership']> {
  return (await tenantStates.current(tenant)).members.get(personId)?.status ?? 'none';
}

/** Was the person erased in this tenant, or the whole account? Then they cannot be added here again. */
export const isErasedIn = async (deps: Pick<Deps, 'events'>, tenant: string, personId: string): Promise<boolean> =>
  (await privacyIn(deps, tenant, personId)).status !== 'kept' || (await isErased(deps.events, personId));

/**
 * Other tenants where the person is a current or former member and not erased: while there is one, the account stays. Of two
 * concurrent erasures, at least the later one finds none.
 */
export async function otherTenantsOf(deps: Deps, tenant: string, personId: string): Promise<string[]> {
  const others = (await tenantsOf(deps, personId)).filter((other) => other !== tenant);
  const still = await Promise.all(
    others.map(
      async (other) =>
        (await membershipIn(deps, other, personId)) !== 'none' &&
        (await privacyIn(deps, other, personId)).status === 'kept',
    ),
  );
  return others.filter((_, index) => still[index]);
}

/** The aliases of a person in a tenant, and the addresses it knew them by. */
export interface Aliases {
  readonly emails: readonly string[];
  /** Ids of invitations. */
  readonly invitations: readonly string[];
}

/**
 * The accepted invitation, and other invitations of this tenant to an address it knew the person by: the invited one, and
 * the one it saw last. The tenant does not know later addresses, so they are not used.
 */
export async function aliasesOf({ events }: Pick<Deps, 'events'>, tenant: string, personId: string): Promise<Aliases> {
  const accepted = new Set<string>();
  const emails = new Set<string>();
  for await (const { type, data } of events.stream(tenantStream(tenant))) {
    if ((data as { personId?: unknown }).personId !== personId) continue;
    const { invitationId, email } = data as { invitationId?: string | null; email?: string | null };
    if (type === memberAdded.name && invitationId) accepted.add(invitationId);
    if (type === memberDeactivated.name && email) emails.add(normalEmail(email));
  }
  const all = await invitationsIn(events, tenant);
  const own = invitationIds(all, (one) => one.personId === personId);
  for (const id of [...accepted, ...own]) {
    const email = all.get(id)?.email;
    if (email) emails.add(email);
  }
  const alike = invitationIds(all, (one) => one.personId === null && one.email !== null && emails.has(one.email));
  return { emails: [...emails], invitations: [...new Set([...alike, ...accepted, ...own])] };
}

/** 404 for a person that this tenant does not know, as if they did not exist. */
export async function rejectUnknown(deps: Deps, tenant: string, personId: string): Promise<null | Rejection> {
  const membership = await membershipIn(deps, tenant, personId);
  if (membership !== 'none') return null;
  if ((await privacyIn(deps, tenant, personId)).version > 0) return null;
  return reject('identity.member-not-found', 'There is no such person here.', { status: 404 });
}
