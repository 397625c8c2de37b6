import { type CommandResult, isRejection, nameId, type Rejection } from '@daybook/kernel';
import type { Caller, PerformContext } from '@daybook/server';
import type * as z from 'zod';
import { isHimself, personNeeded, whyNotHandOn } from '../access/handing-on.js';
import { personByEmail } from '../person/person-by-email.js';
import type { Given } from '../injected.js';
import { consentMissing, consentOver, supportSelf } from '../tenant/decide-support.js';
import { isOpen } from '../tenant/actors.state.js';
import type { SupportConsents } from './support-consents.js';
import { type allowSupport, type enteredSupport, recordSupport, recordSupportEntry } from './support.operations.js';
import { signSupportToken } from './support-tokens.js';

type Deps = Given<'em' | 'secret' | 'keys' | 'folds' | 'memberships' | 'sessions'>;

/**
 * The consent, and whom it names. An address that nobody signs in with gets an id that nobody has: the answer, the work
 * and the list are the same, so nobody learns here who has an account.
 */
export async function allow(
  { email, hours, reason }: z.output<(typeof allowSupport)['input']>,
  asking: Pick<PerformContext, 'caller' | 'execute' | 'newId'>,
  deps: Deps,
  consents: SupportConsents,
): Promise<CommandResult | Rejection> {
  const { caller, newId: supportId } = asking;
  const why = await whyNotHandOn(caller, deps);
  if (why) return why;
  const personId = caller.actor.id;
  const supporterId = (await personByEmail(deps.em, deps.secret, email)) ?? nameId(supportId, 'nobody');
  if (supporterId === personId) return supportSelf();
  const until = new Date(Date.now() + hours * 3_600_000).toISOString();
  await consents.keep({ supportId, tenant: caller.tenant, personId, supporterId, email, until });
  const { members } = await deps.folds.current(caller.tenant);
  const memberId = members.get(supporterId)?.status === 'active' ? supporterId : undefined;
  const recorded = await asking.execute(recordSupport, { supportId, personId, hours, reason, memberId });
  if (isRejection(recorded) && recorded.code !== 'platform.key-reused') await consents.drop(supportId);
  return recorded;
}

/** A token of the person who allowed it, for as long as the consent, and his membership, hold. */
export async function enter(
  supportId: string,
  asking: Pick<PerformContext, 'caller' | 'executeAs' | 'commandId'>,
  { keys, folds, memberships }: Deps,
  consents: SupportConsents,
  now = Date.now(),
): Promise<z.infer<typeof enteredSupport> | Rejection> {
  const { caller } = asking;
  if (!isHimself(caller)) return personNeeded();
  const kept = (await consents.to(caller.actor.id)).find((one) => one.supportId === supportId);
  if (!kept) return consentMissing();
  const { tenant, personId } = kept;
  const state = await folds.current(tenant);
  const consent = state.consents.get(supportId);
  if (!consent || !state.tenant) return consentMissing();
  const active = state.members.get(personId)?.status === 'active';
  if (!active || !isOpen(consent, new Date(now).toISOString())) return consentOver();
  const there: Caller = { ...caller, tenant, onBehalfOf: { kind: 'person', id: personId } };
  const commandId = nameId(asking.commandId, 'support');
  const entered = await asking.executeAs(
    there,
    recordSupportEntry,
    { supportId },
    { commandId, expectedVersion: null },
  );
  if (isRejection(entered)) return entered;
  const signed = await signSupportToken(
    keys,
    {
      sub: personId,
      tenant,
      act: { sub: caller.actor.id },
      support: supportId,
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
