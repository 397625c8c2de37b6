import { reject, type Rejection, streamName } from '@daybook/kernel';
import { type Caller, decide, perform, type PerformContext } from '@daybook/server';
import type { IdentityParts, Room } from '../room.js';
import { endSessions } from './ending.js';
import { failureDecider } from './failure.decider.js';
import { failureStream } from './failures.js';
import { reachesBeyond } from './own-proof.js';
import { sessionDecider } from './session.decider.js';
import { failureEvents, sessionEvents } from './session.events.js';
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
  recordFailures,
  refreshSession,
  sessionSteps,
} from './session.operations.js';
import { type SessionRow, SessionRows } from './session-rows.js';
import { Sessions } from './sessions.js';

/** What is a person's own is done by himself: not by a key, and by nobody who acts for him. */
export const personOf = ({ actor, onBehalfOf }: Caller): string | Rejection =>
  actor.kind === 'person' && !onBehalfOf
    ? actor.id
    : reject('identity.no-person', 'Only the person himself can do this, signed in.', { status: 403 });

/** Runs the work for the person who is signed in himself. */
export const forPerson =
  <I, T>(work: (personId: string, input: I, asking: PerformContext) => Promise<T | Rejection>) =>
  async (input: I, asking: PerformContext): Promise<T | Rejection> => {
    const personId = personOf(asking.caller);
    return typeof personId === 'string' ? work(personId, input, asking) : personId;
  };

export function sessionRoom(parts: IdentityParts): Room {
  const sessions = new Sessions(parts, parts.admission);
  const rows = new SessionRows(parts.pool);
  /** All tenants, or the one that a provider speaks for. */
  const placeOf = async (caller: Caller): Promise<{ tenant?: string }> =>
    (await reachesBeyond(caller, parts.sessions)) ? {} : { tenant: caller.tenant };
  return {
    events: [...sessionEvents, ...failureEvents],
    bindings: [
      perform(openSession, (input, asking) => sessions.open(input, asking)),
      perform(completeSession, (input, asking) => sessions.complete(input, asking)),
      perform(passkeyOptions, () => parts.factors.passkeys.assertionOptions()),
      perform(openWithPasskey, (input, asking) => sessions.openWithPasskey(input, asking)),
      perform(refreshSession, (input, asking) => sessions.refresh(input, asking)),
      perform(closeSession, (_, asking) => sessions.close(asking)),
      perform(readSession, (_, asking) => sessions.read(asking)),
      perform(
        confirmSession,
        forPerson((_, input, asking) => sessions.confirm(input, asking)),
      ),
      perform(
        changeOwnPassword,
        forPerson((_, input, asking) => sessions.changePassword(input, asking)),
      ),
      perform(
        listOwnSessions,
        forPerson(async (personId, _, { caller }) => {
          const names = new Map((await parts.memberships.of(personId)).map(({ tenant }) => [tenant.id, tenant.name]));
          const everywhere = await reachesBeyond(caller, parts.sessions);
          const listed = (await rows.list(personId)).filter(({ tenant }) => everywhere || tenant === caller.tenant);
          return { items: listed.map((row) => shown(row, names, caller)) };
        }),
      ),
      perform(
        endOwnSession,
        forPerson(async (personId, { sessionId }, asking) => {
          const where = await placeOf(asking.caller);
          const ended = await endSessions(parts.pool, asking, { personId, sessionId, ...where }, 'ended-by-person');
          return ended > 0
            ? { ended }
            : reject('identity.session-missing', 'There is no such session.', { status: 404 });
        }),
      ),
      perform(
        endOtherSessions,
        forPerson(async (personId, _, asking) => {
          const except = asking.caller.sessionId ?? null;
          const others = { personId, except, ...(await placeOf(asking.caller)) };
          return { ended: await endSessions(parts.pool, asking, others, 'ended-by-person') };
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
        operations: [recordFailures],
        decider: failureDecider,
        events: failureEvents,
        stream: ({ minute }) => failureStream(minute),
      }),
    ],
  };
}

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
