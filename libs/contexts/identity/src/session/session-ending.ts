import type { Actor } from '@daybook/kernel';
import type { EndedSession, SessionRows, WhichSessions } from './session-rows.js';
import type { EndReason } from './session.schema.js';
import { finishSession } from './session.internal.js';
import { type RequestContext, callerAs, runInternal } from './internal-commands.js';

/** Records the end of sessions whose rows have ended; with the person as the actor where nobody is signed in. */
export async function recordEnds(
  asking: RequestContext,
  ended: readonly EndedSession[],
  reason: EndReason,
  by?: Actor,
): Promise<void> {
  const { actor } = asking.caller;
  for (const { sessionId, tenant, personId } of ended) {
    const who = by ?? (actor.id === 'anonymous' ? ({ kind: 'person', id: personId } as const) : actor);
    await runInternal(asking, callerAs(asking, who, tenant), finishSession, { sessionId, reason });
  }
}

/**
 * Ends sessions of a person, in one tenant or, without `tenant`, everywhere. They are refused at their next request.
 * Returns the number of sessions that ended.
 */
export async function endSessions(
  rows: SessionRows,
  asking: RequestContext,
  which: WhichSessions,
  reason: EndReason,
): Promise<number> {
  const ended = await rows.end(which, reason);
  await recordEnds(asking, ended, reason);
  return new Set(ended.map(({ sessionId }) => sessionId)).size;
}
