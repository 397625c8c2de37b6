import { isRejection, type NewEvent, reject, type Rejection, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import type { AccessFolds } from '../access/folds.js';
import { invitationEvents } from '../invitation/invitation.events.js';
import { personStream } from '../person/erased.js';
import { type PrivacyFacts, privacyDecider, type PrivacyState } from './privacy.decider.js';
import { type PrivacyEvent, privacyEvents } from './privacy.events.js';

/*
 * Where a person is known, and what is decided about his data there: read from the event store, for erasing is decided on
 * it. A tenant learns of others only that there is one.
 */
export const privacyStream = (tenant: string, personId: string): string =>
  streamName('identity.privacy', tenant, personId);
export const invitationStream = (tenant: string): string => streamName('identity.invitation', tenant, tenant);

interface Parts {
  readonly events: EventReader;
  readonly folds: Pick<AccessFolds, 'current'>;
}

const known: ReadonlySet<string> = new Set(privacyEvents.map(({ name }) => name));
export const isPrivacyEvent = (event: NewEvent): event is PrivacyEvent => known.has(event.type);

async function privacyIn({ events }: Parts, tenant: string, personId: string): Promise<PrivacyState> {
  let state = privacyDecider.initial;
  for await (const event of events.stream(privacyStream(tenant, personId))) {
    if (isPrivacyEvent(event)) state = privacyDecider.evolve(state, event, event);
  }
  return state;
}

/** Tenants that the person ever joined, in the order he did. */
export async function tenantsOf({ events }: Pick<Parts, 'events'>, personId: string): Promise<string[]> {
  const found = new Set<string>();
  for await (const { type, data } of events.stream(personStream(personId))) {
    if (type === 'identity.tenant-joined') found.add((data as { tenantId: string }).tenantId);
  }
  return [...found];
}

/** Name and addresses, as far as they can still be opened: the last name first, and every one there ever was. */
export async function namesOf({ events }: Pick<Parts, 'events'>, personId: string) {
  const [names, emails] = [new Set<string>(), new Set<string>()];
  for await (const { data } of events.stream(personStream(personId))) {
    const { name, email } = data as { name?: unknown; email?: unknown };
    if (typeof name === 'string') names.add(name);
    if (typeof email === 'string') emails.add(email);
  }
  return { names: [...names].reverse(), emails: [...emails].reverse() };
}

export async function membershipIn(
  { events, folds }: Parts,
  tenant: string,
  personId: string,
): Promise<PrivacyFacts['membership']> {
  const member = (await folds.current(tenant)).members.get(personId);
  if (member) return member.status;
  const [sent] = invitationEvents;
  for await (const { type, data } of events.stream(invitationStream(tenant))) {
    if (type === sent.name && (data as { personId: string }).personId === personId) return 'invited';
  }
  return 'none';
}

/** 404 for a person this tenant knows nothing of, as if he did not exist. */
export async function knownIn(parts: Parts, tenant: string, personId: string): Promise<null | Rejection> {
  const membership = await membershipIn(parts, tenant, personId);
  if (membership !== 'none') return null;
  if ((await privacyIn(parts, tenant, personId)).version > 0) return null;
  return reject('identity.member-missing', 'There is no such person here.', { status: 404 });
}

export async function privacyFacts(parts: Parts, tenant: string, personId: string): Promise<PrivacyFacts> {
  const others = (await tenantsOf(parts, personId)).filter((other) => other !== tenant);
  const elsewhere = await Promise.all(
    others.map(async (other) => ({
      membership: (await parts.folds.current(other)).members.get(personId)?.status ?? 'none',
      until: (await privacyIn(parts, other, personId)).retention?.until ?? null,
    })),
  );
  return {
    membership: await membershipIn(parts, tenant, personId),
    worksElsewhere: elsewhere.some(({ membership }) => membership === 'active'),
    keptElsewhereUntil:
      elsewhere
        .flatMap(({ until }) => until ?? [])
        .sort()
        .at(-1) ?? null,
  };
}

export const isMissing = (outcome: unknown): boolean =>
  isRejection(outcome) && outcome.code === 'identity.person-missing';
