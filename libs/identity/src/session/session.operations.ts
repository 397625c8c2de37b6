import { command, instant, query } from '@daybook/kernel';
import * as z from 'zod';
import { role } from '../role.schema.js';

const tenant = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'SessionTenant' });

const sessionFields = {
  person: z
    .object({ id: z.uuid(), name: z.string().nullable(), email: z.string().nullable() })
    .meta({ id: 'SessionPerson' }),
  tenant,
  tenants: z.array(tenant).describe('All tenants the person may sign in to'),
  role,
  permissions: z.array(z.string()).describe('What the person may do here, by the names that operations declare'),
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

const refreshes = 'Sets the refresh token as a cookie that scripts cannot read and only the session addresses get.';

export const openSession = command('identity.session.open', {
  title: 'Sign in',
  description: `${refreshes} After 10 tries sign-in pauses for 15 minutes.`,
  http: 'POST /v1/identity/session',
  permission: null,
  keyed: false,
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
  description: `Takes the cookie and answers a new access token. ${refreshes} A token used twice ends the session everywhere.`,
  http: 'POST /v1/identity/session/refresh',
  permission: null,
  keyed: false,
  says: 'renewed the session',
  input: z.object({ tenant: z.uuid().optional().describe('Changes to another tenant of the person') }),
  output: openedSession,
});
export const closeSession = command('identity.session.close', {
  title: 'Sign out',
  http: 'POST /v1/identity/session/close',
  permission: null,
  keyed: false,
  says: 'signed out',
  input: z.object({}),
  output: z.object({ closed: z.boolean().describe('false when there was nothing to close') }),
});
export const readSession = query('identity.session.read', {
  title: 'Read the session',
  http: 'GET /v1/identity/session',
  permission: 'identity.session.read',
  scope: 'caller',
  input: z.object({}),
  output: session,
});
export const newPassword = z.string().min(12, 'Take at least 12 characters.').max(200, 'Take at most 200 characters.');
export const changeOwnPassword = command('identity.password.change', {
  title: 'Change your password',
  description: 'Ends all other sessions of the person.',
  http: 'POST /v1/identity/session/password',
  keyed: false,
  scope: 'caller',
  says: 'changed the password',
  input: z.object({ current: z.string().min(1).max(200), next: newPassword }),
  output: z.object({ changed: z.literal(true) }),
});
