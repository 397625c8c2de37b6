import { command, instant, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { signInMethod, endReason } from './session.schema.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
export const beginSession = command('identity.session.begin', {
  title: 'Record a session',
  http: 'POST /v1/identity/session/{sessionId}/begin',
  says: 'signed in with {device}',
  input: z.object({
    sessionId: z.uuid(),
    personId: z.uuid(),
    methods: z.array(signInMethod).min(1),
    device: z.string().max(100),
    until: instant.describe('When it ends at the latest'),
  }),
});
export const finishSession = command('identity.session.finish', {
  title: 'Record the end of a session',
  http: 'POST /v1/identity/session/{sessionId}/finish',
  says: 'ended a session: {reason}',
  input: z.object({ sessionId: z.uuid(), reason: endReason }),
});
export const recordFailedSignIns = command('identity.sign-in.record-failures', {
  title: 'Record failed sign-ins',
  http: 'POST /v1/identity/sign-ins/failed',
  says: 'counted {count} failed sign-ins of {masked}',
  input: z.object({ identifier: z.string(), masked: z.string(), minute: instant, count: z.int().min(1) }),
});
export const sessionSteps = [beginSession, finishSession] as const;
export type SessionCommand = CommandOf<(typeof sessionSteps)[number]>;
export const failedSignInSteps = [recordFailedSignIns] as const;
export type FailedSignInCommand = CommandOf<typeof recordFailedSignIns>;
