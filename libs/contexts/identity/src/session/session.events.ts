import { event, type EventsOf, instant } from '@daybook/kernel';
import * as z from 'zod';
import { endReason, signInMethod } from './session.schema.js';

/*
 * A session, in each tenant it is open in: `identity.session-{tenant}-{sessionId}`. Tokens are stored as hashes in plain
 * tables, and the network address in a row that is deleted when the session is old.
 */
const record = (data: { sessionId: string }) => ({ type: 'identity.session', id: data.sessionId });

export const sessionOpened = event('identity.session-opened', {
  version: 2,
  data: z.object({
    sessionId: z.uuid(),
    personId: z.uuid(),
    methods: z.array(signInMethod),
    /** In plain words: "Firefox on Linux". */
    device: z.string(),
    /** The session is over by then, plus the ten minutes of a last access token, whether or not its end is recorded. */
    until: instant,
  }),
  record,
});
export const sessionEnded = event('identity.session-ended', {
  version: 2,
  data: z.object({ sessionId: z.uuid(), personId: z.uuid(), reason: endReason }),
  record,
});
export const sessionEvents = [sessionOpened, sessionEnded] as const;
export type SessionEvent = EventsOf<typeof sessionEvents>;

/**
 * Sign-ins that failed within one minute for one identifier: `identity.signins-{platformTenant}-{day}`. The text may be no
 * known address, or a password in the wrong field, so it is kept as an HMAC and by its first letter.
 */
export const signInFailed = event('identity.sign-in-failed', {
  data: z.object({ identifier: z.string(), masked: z.string(), minute: instant, count: z.int().min(1) }),
  record: (data) => ({ type: 'identity.sign-in', id: data.identifier }),
});
export const failedSignInEvents = [signInFailed] as const;
export type FailedSignInEvent = EventsOf<typeof failedSignInEvents>;
