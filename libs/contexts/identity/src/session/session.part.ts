import { reject, type Rejection, streamName } from '@daybook/kernel';
import { type Caller, type ContextPart, decide, perform, type PerformContext } from '@daybook/server';
import { type Deps, deps } from '../injected.js';
import { endSessions } from './session-ending.js';
import { failedSignInDecider } from './failed-sign-in.decider.js';
import { failedSignInStream } from './failed-sign-ins.js';
import { provesOwnCredential } from './credential-proof.js';
import { sessionDecider } from './session.decider.js';
import { failedSignInEvents, sessionEvents } from './session.events.js';
import {
  changeOwnPassword,
  closeSession,
  completeSession,
  confirmSession,
  endOtherSessions,
  endOwnSession,
  listOwnSessions,
  openSession,
  openWithPasskey,
  passkeyOptions,
  readSession,
  refreshSession,
} from './session.operations.js';
import { recordFailedSignIns, sessionSteps } from './session.internal.js';
import type { SessionRow } from './session-rows.js';
import { Sessions } from './sessions.js';

/** The person, for operations on their own account: not available to an API key, nor to a delegate. */
export const personOf = ({ actor, onBehalfOf }: Caller): string | Rejection =>
  actor.kind === 'person' && !onBehalfOf
    ? actor.id
    : reject('identity.person-required', 'Only a person can do this, signed in to their own account.', { status: 403 });

/** Runs the work for the signed-in person, not for a delegate. */
export const forPerson =
  <I, T, G>(work: (personId: string, input: I, asking: PerformContext, injected: G) => Promise<T | Rejection>) =>
  async (input: I, asking: PerformContext, injected: G): Promise<T | Rejection> => {
    const personId = personOf(asking.caller);
    return typeof personId === 'string' ? work(personId, input, asking, injected) : personId;
  };

const using = { signIns: Sessions } as const;
const own = deps('sessions', 'sessionRows', 'memberships');

/** All tenants, or the one whose SSO provider signed the person in. */
const placeOf = async (caller: Caller, sessions: Deps<'sessions'>['sessions']): Promise<{ tenant?: string }> =>
  (await provesOwnCredential(caller, sessions)) ? {} : { tenant: caller.tenant };

export const sessionPart: ContextPart = {
  events: [...sessionEvents, ...failedSignInEvents],
  bindings: [
    perform(openSession, using, (input, asking, { signIns }) => signIns.open(input, asking)),
    perform(completeSession, using, (input, asking, { signIns }) => signIns.complete(input, asking)),
    perform(passkeyOptions, deps('mfaMethods'), (_input, _asking, { mfaMethods }) =>
      mfaMethods.passkeys.assertionOptions(),
    ),
    perform(openWithPasskey, using, (input, asking, { signIns }) => signIns.openWithPasskey(input, asking)),
    perform(refreshSession, using, (input, asking, { signIns }) => signIns.refresh(input, asking)),
    perform(closeSession, using, (_, asking, { signIns }) => signIns.close(asking)),
    perform(readSession, using, (_, asking, { signIns }) => signIns.read(asking)),
    perform(
      confirmSession,
      using,
      forPerson((_, input, asking, { signIns }) => signIns.confirm(input, asking)),
    ),
    perform(
      changeOwnPassword,
      using,
      forPerson((_, input, asking, { signIns }) => signIns.changePassword(input, asking)),
    ),
    perform(
      listOwnSessions,
      own,
      forPerson(async (personId, _, { caller }, { sessionRows, sessions, memberships }) => {
        const names = new Map((await memberships.of(personId)).map(({ tenant }) => [tenant.id, tenant.name]));
        const everywhere = await provesOwnCredential(caller, sessions);
        const listed = (await sessionRows.list(personId)).filter(
          ({ tenant }) => everywhere || tenant === caller.tenant,
        );
        return { items: listed.map((row) => shown(row, names, caller)) };
      }),
    ),
    perform(
      endOwnSession,
      own,
      forPerson(async (personId, { sessionId }, asking, { sessions, sessionRows }) => {
        const where = await placeOf(asking.caller, sessions);
        const ended = await endSessions(sessionRows, asking, { personId, sessionId, ...where }, 'ended-by-person');
        return ended > 0
          ? { ended }
          : reject('identity.session-not-found', 'There is no such session.', { status: 404 });
      }),
    ),
    perform(
      endOtherSessions,
      own,
      forPerson(async (personId, _, asking, { sessions, sessionRows }) => {
        const except = asking.caller.sessionId ?? null;
        const others = { personId, except, ...(await placeOf(asking.caller, sessions)) };
        return { ended: await endSessions(sessionRows, asking, others, 'ended-by-person') };
      }),
    ),
  ],
  internal: [
    decide({
      operations: sessionSteps,
      decider: sessionDecider,
      events: sessionEvents,
      stream: ({ sessionId }, { tenant }) => streamName('identity.session', tenant, sessionId),
      mayChangeNothing: true,
    }),
    decide({
      operations: [recordFailedSignIns],
      decider: failedSignInDecider,
      events: failedSignInEvents,
      stream: ({ minute }) => failedSignInStream(minute),
    }),
  ],
};

const shown = (row: SessionRow, names: ReadonlyMap<string, string>, caller: Caller) => ({
  sessionId: row.session_id,
  device: row.device,
  address: row.address,
  tenant: names.get(row.tenant) ?? null,
  methods: row.methods,
  openedAt: row.opened_at,
  lastSeenAt: row.last_seen_at,
  current: row.session_id === caller.sessionId,
});
