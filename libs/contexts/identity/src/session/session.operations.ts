import { command, instant, query } from '@daybook/kernel';
import * as z from 'zod';
import { emailDomain } from '../sso/sso-provider.schema.js';
import { assertion, assertionOptions, newPassword, signInMethod } from './session.schema.js';

const tenant = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'SessionTenant' });

const sessionFields = {
  person: z
    .object({ id: z.uuid(), name: z.string().nullable(), email: z.string().nullable() })
    .meta({ id: 'SessionPerson' }),
  tenant,
  tenants: z.array(tenant).describe('All tenants that the person may sign in to'),
  role: z.string().describe('Names of the roles held here'),
  permissions: z.array(z.string()).describe('What the person may do here, by the permission names of the operations'),
  limited: z
    .array(z.object({ companyId: z.uuid(), permissions: z.array(z.string()) }).meta({ id: 'SessionLimited' }))
    .describe(
      'Permissions that are granted in single companies only, by company. Operations on the whole tenant are refused with them',
    ),
  restricted: z
    .enum(['mfa-setup-required'])
    .nullable()
    .describe('Not null: the tenant requires a second factor, and only the own account is open until there is one'),
};
export const session = z.object(sessionFields).meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

export const openedSession = z
  .object({
    accessToken: z.string(),
    expiresAt: instant.describe('When the token ends: refresh before'),
    ...sessionFields,
  })
  .meta({ id: 'OpenedSession' });
export type OpenedSession = z.infer<typeof openedSession>;

const refreshes =
  'Sets the refresh token as a cookie that scripts cannot read and that is sent to the session routes only.';

export const openSession = command('identity.session.open', {
  title: 'Sign in',
  description: `${refreshes} A person with a second factor gets 401 identity.mfa-required with {ticket, methods}, for identity.session.complete. After 10 attempts sign-in pauses for 15 minutes, and each further pause is twice as long.`,
  http: 'POST /v1/identity/session',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed in',
  input: z.object({
    email: z.string().trim().min(1).max(254),
    password: z.string().min(1).max(200),
    tenant: z.uuid().optional().describe('Default: the first tenant of the person, by name'),
  }),
  output: openedSession,
});
export const refreshSession = command('identity.session.refresh', {
  title: 'Renew the session',
  description: `Takes the cookie and returns a new access token. ${refreshes} A refresh token that is used twice ends the session everywhere. One that a confirmation replaced within the last minute gets 409 identity.session-renewed, because the browser already has the next one.`,
  http: 'POST /v1/identity/session/refresh',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'renewed the session',
  input: z.object({ tenant: z.uuid().optional().describe('Changes to another tenant of the person') }),
  output: openedSession,
});
export const closeSession = command('identity.session.close', {
  title: 'Sign out',
  http: 'POST /v1/identity/session/close',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed out',
  input: z.object({}),
  output: z.object({ closed: z.boolean().describe('false when there was nothing to close') }),
});
export const readSession = query('identity.session.read', {
  title: 'Read the session',
  http: 'GET /v1/identity/session',
  delegated: true,
  permission: 'identity.session.read',
  scope: 'caller',
  currentOnly: true,
  input: z.object({}),
  output: session,
});
export const changeOwnPassword = command('identity.password.change', {
  title: 'Change your password',
  description: 'Ends all other sessions of the person and gives this one a new refresh token.',
  http: 'POST /v1/identity/session/password',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  says: 'changed the password',
  input: z.object({ current: z.string().min(1).max(200), next: newPassword }),
  output: z.object({ changed: z.literal(true) }),
});

/* ── the second factor, and confirming that it is still you ─────────────────────────────────────────────── */

const proofs = {
  code: z
    .string()
    .trim()
    .regex(/^\d{3} ?\d{3}$/, 'Enter the six digits of the code.')
    .optional()
    .describe('The six-digit code of the authenticator app'),
  passkey: assertion.optional(),
};
export const completeSession = command('identity.session.complete', {
  title: 'Sign in with the second factor',
  description: `Takes the ticket of identity.mfa-required and one of the proofs. ${refreshes}`,
  http: 'POST /v1/identity/session/mfa',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed in with a second factor',
  input: z.object({
    ticket: z.string().min(1).max(100),
    recoveryCode: z.string().trim().min(1).max(40).optional().describe('One of the recovery codes; it is used up'),
    ...proofs,
  }),
  output: openedSession,
});
export const passkeyOptions = command('identity.session.passkey-options', {
  title: 'Ask for a passkey',
  description: 'The options for navigator.credentials.get. They name no person: the passkey says whose it is.',
  http: 'POST /v1/identity/session/passkey/options',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'asked for a passkey',
  input: z.object({}),
  output: assertionOptions,
});
export const openWithPasskey = command('identity.session.open-with-passkey', {
  title: 'Sign in with a passkey',
  description: `A passkey counts as two factors: the device, and the fingerprint or code that unlocks it. ${refreshes}`,
  http: 'POST /v1/identity/session/passkey',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed in with a passkey',
  input: assertion.extend({ tenant: z.uuid().optional().describe('Default: the first tenant of the person, by name') }),
  output: openedSession,
});
export const confirmSession = command('identity.session.confirm', {
  title: 'Confirm that it is you',
  description:
    'Returns an access token with a fresh auth_time, which sensitive operations require (step-up). With the cookie of the ' +
    'session it also sets a new refresh token, and the previous one is no longer valid.',
  http: 'POST /v1/identity/session/confirm',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  says: 'confirmed their identity',
  input: z.object({ password: z.string().min(1).max(200).optional(), ...proofs }),
  output: z.object({ accessToken: z.string(), expiresAt: instant }),
});
export const sessionMethods = query('identity.session.methods', {
  title: 'Read the ways to sign in',
  http: 'GET /v1/identity/session/methods',
  permission: null,
  currentOnly: true,
  input: z.object({
    domain: emailDomain
      .optional()
      .describe('The part of the address after the @; the address itself must not be in a URL'),
  }),
  output: z.object({
    providers: z
      .array(
        z
          .object({ providerId: z.uuid(), label: z.string(), host: z.string().describe('Where it leads') })
          .meta({ id: 'SignInChoice' }),
      )
      .describe('Those of the domain, and those for everybody'),
    passwordReset: z.boolean().describe('A forgotten password can be reset by e-mail'),
  }),
});

/* ── my own sessions ────────────────────────────────────────────────────────────────────────────────────── */

const ownSession = z
  .object({
    sessionId: z.uuid(),
    device: z.string().describe('In plain words: Firefox on Linux'),
    address: z.string().nullable().describe('Network address it was last used from'),
    tenant: z.string().nullable().describe('Name of the tenant it was last used in'),
    methods: z.array(signInMethod).describe('How the person signed in or confirmed'),
    openedAt: instant,
    lastSeenAt: instant.describe('To the minute'),
    current: z.boolean().describe('The session of this request'),
  })
  .meta({ id: 'OwnSession' });
export type OwnSession = z.infer<typeof ownSession>;

export const listOwnSessions = query('identity.own-session.list', {
  title: 'List your sessions',
  http: 'GET /v1/identity/own/sessions',
  permission: 'identity.own-session.list',
  scope: 'caller',
  currentOnly: true,
  input: z.object({}),
  output: z.object({ items: z.array(ownSession) }),
  rows: 'items',
});
export const endOwnSession = command('identity.own-session.end', {
  title: 'End a session',
  description: 'The device is signed out at its next request, in all tenants.',
  http: 'POST /v1/identity/own/sessions/{sessionId}/end',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'ended a session',
  input: z.object({ sessionId: z.uuid() }),
  output: z.object({ ended: z.int().describe('Sessions that ended') }),
});
export const endOtherSessions = command('identity.own-session.end-others', {
  title: 'End all other sessions',
  http: 'POST /v1/identity/own/sessions/end',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'ended all other sessions',
  input: z.object({}),
  output: z.object({ ended: z.int().describe('Sessions that ended') }),
});
