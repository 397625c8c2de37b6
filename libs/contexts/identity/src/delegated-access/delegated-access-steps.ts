import { type CommandResult, isRejection, nameId, type Rejection } from '@daybook/kernel';
import type { Caller, PerformContext } from '@daybook/server';
import type * as z from 'zod';
import { isSignedInPerson, personRequired, delegationRefusal } from '../access/delegation-guard.js';
import { personByEmail } from '../person/person-by-email.js';
import type { Deps } from '../injected.js';
import { delegatedAccessNotFound, delegatedAccessOver, delegatedToSelf } from '../tenant/decide-delegated-access.js';
import { isOpen } from '../tenant/actors.state.js';
import type { DelegatedAccessConsents } from './delegated-access-consents.js';
import { type allowDelegatedAccess, type enteredDelegatedAccess } from './delegated-access.operations.js';
import { recordDelegatedAccess, recordDelegatedAccessEntry } from './delegated-access.internal.js';
import { signDelegationToken } from './delegation-tokens.js';

type ProcessDeps = Deps<'em' | 'secret' | 'keys' | 'tenantStates' | 'memberships' | 'sessions'>;

/**
 * Records the consent and the delegate. An address without an account gets an id that nobody has. The answer, the work
 * and the list are the same either way, so they do not reveal who has an account.
 */
export async function allow(
  { email, hours, reason }: z.output<(typeof allowDelegatedAccess)['input']>,
  asking: Pick<PerformContext, 'caller' | 'execute' | 'newId'>,
  deps: ProcessDeps,
  consents: DelegatedAccessConsents,
): Promise<CommandResult | Rejection> {
  const { caller, newId: delegatedAccessId } = asking;
  const why = await delegationRefusal(caller, deps);
  if (why) return why;
  const personId = caller.actor.id;
  const delegateId = (await personByEmail(deps.em, deps.secret, email)) ?? nameId(delegatedAccessId, 'nobody');
  if (delegateId === personId) return delegatedToSelf();
  const until = new Date(Date.now() + hours * 3_600_000).toISOString();
  await consents.keep({ delegatedAccessId, tenant: caller.tenant, personId, delegateId, email, until });
  const { members } = await deps.tenantStates.current(caller.tenant);
  const memberId = members.get(delegateId)?.status === 'active' ? delegateId : undefined;
  const recorded = await asking.execute(recordDelegatedAccess, {
    delegatedAccessId,
    personId,
    hours,
    reason,
    memberId,
  });
  if (isRejection(recorded) && recorded.code !== 'platform.idempotency-key-reused')
    await consents.drop(delegatedAccessId);
  return recorded;
}

/** A token that acts for the person, as long as the consent and their membership last. */
export async function enter(
  delegatedAccessId: string,
  asking: Pick<PerformContext, 'caller' | 'executeAs' | 'commandId'>,
  { keys, tenantStates, memberships }: ProcessDeps,
  consents: DelegatedAccessConsents,
  now = Date.now(),
): Promise<z.infer<typeof enteredDelegatedAccess> | Rejection> {
  const { caller } = asking;
  if (!isSignedInPerson(caller)) return personRequired();
  const kept = (await consents.to(caller.actor.id)).find((one) => one.delegatedAccessId === delegatedAccessId);
  if (!kept) return delegatedAccessNotFound();
  const { tenant, personId } = kept;
  const state = await tenantStates.current(tenant);
  const consent = state.consents.get(delegatedAccessId);
  if (!consent || !state.tenant) return delegatedAccessNotFound();
  const active = state.members.get(personId)?.status === 'active';
  if (!active || !isOpen(consent, new Date(now).toISOString())) return delegatedAccessOver();
  const there: Caller = { ...caller, tenant, onBehalfOf: { kind: 'person', id: personId } };
  const commandId = nameId(asking.commandId, 'delegated-access');
  const entered = await asking.executeAs(
    there,
    recordDelegatedAccessEntry,
    { delegatedAccessId },
    { commandId, expectedVersion: null },
  );
  if (isRejection(entered)) return entered;
  const signed = await signDelegationToken(
    keys,
    {
      sub: personId,
      tenant,
      act: { sub: caller.actor.id },
      consent: delegatedAccessId,
      sid: String(caller.sessionId),
      home: caller.tenant,
    },
    consent.until,
    now,
  );
  const [person] = await memberships.people([personId]);
  return {
    accessToken: signed.token,
    expiresAt: signed.expiresAt,
    until: consent.until,
    person: { id: personId, name: person?.name ?? null },
    tenant: { id: tenant, name: state.tenant.name },
  };
}
