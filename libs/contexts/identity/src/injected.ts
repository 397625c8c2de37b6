import {
  CLOCK,
  Companies,
  CONFIG,
  ENTITY_MANAGER,
  EVENT_READER,
  EVENT_STORE,
  FILES,
  type Injected,
  ISSUERS,
  JOBS,
  LOGGER,
  MAIL,
  POOL,
  PUBLIC_URL,
  RIGHTS_READS,
  ROLE,
  SECRET,
  StateCache,
  token,
  VAULT,
} from '@daybook/server';
import { AuthModuleOptions } from '@nestjs/passport';
import { Outbox } from '@daybook/mail';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { PersonalDataSources } from '@daybook/server/nest/personal-data-sources';
import { TenantStateCache } from './access/tenant-state-cache.js';
import { Memberships } from './access/memberships.js';
import type { BatchedQuery } from './access/batched-query.js';
import { CredentialChanges } from './mfa/credential-change.js';
import { EmailLinks } from './email-link/email-links.js';
import { MailLimits } from './email-link/mail-limits.js';
import { Notices } from './email-link/notices.js';
import { MfaMethods } from './mfa/mfa-methods.js';
import { Passkeys } from './mfa/passkeys.js';
import { RecoveryCodes } from './mfa/recovery-codes.js';
import { Tickets } from './mfa/tickets.js';
import { Totp } from './mfa/totp.js';
import { ApiKeys } from './api-key/api-keys.js';
import { AccessTokens } from './session/access-tokens.js';
import { FailedSignIns } from './session/failed-sign-ins.js';
import { LoginThrottle } from './session/login-throttle.js';
import { Passwords } from './session/passwords.js';
import { RefreshTokens } from './session/refresh-tokens.js';
import { SessionCheck, SessionRows } from './session/session-rows.js';
import { SignInCompletion } from './session/sign-in-completion.js';
import { Oidc } from './sso/oidc.js';
import { SsoRows } from './sso/sso-rows.js';
import { SigningKeys } from './session/signing-keys.js';

/** null if the event store is a separate server, and in the projector: each request then sends two queries. */
export const BATCHED_QUERY = token<BatchedQuery | null>('BatchedQuery');

/** The dependencies of identity, by the names used in its code. */
const tokens = {
  /** All operations, permissions and contexts of the application. */
  bindings: Bindings,
  /** For the queries of every request. */
  pool: POOL,
  em: ENTITY_MANAGER,
  secret: SECRET,
  logger: LOGGER,
  read: RIGHTS_READS,
  mail: MAIL,
  now: CLOCK,
  publicUrl: PUBLIC_URL,
  issuers: ISSUERS,
  events: EVENT_READER,
  store: EVENT_STORE,
  vault: VAULT,
  jobs: JOBS,
  files: FILES,
  personalData: PersonalDataSources,
  keys: SigningKeys,
  /** States that are folded from streams, current with each call. */
  states: StateCache,
  /** Whether a company is there. */
  companies: Companies,
  /** The current state of tenants, with their rights. */
  tenantStates: TenantStateCache,
  memberships: Memberships,
  /** Checks that the session of a token is open. */
  sessions: SessionCheck,
  sessionRows: SessionRows,
  refreshTokens: RefreshTokens,
  passwords: Passwords,
  /** Pauses after too many attempts to sign in. */
  loginThrottle: LoginThrottle,
  failedSignIns: FailedSignIns,
  /** For flows that continue in a later request. */
  tickets: Tickets,
  /** Second factors and passkeys. */
  mfaMethods: MfaMethods,
  totp: Totp,
  recoveryCodes: RecoveryCodes,
  passkeys: Passkeys,
  /** Records changes of credentials and tells their owners. */
  credentialChanges: CredentialChanges,
  /** E-mails, stored until they are sent. */
  outbox: Outbox,
  /** Mails a person about their own account. */
  notices: Notices,
  emailLinks: EmailLinks,
  mailLimits: MailLimits,
  /** The last steps of every kind of sign-in. */
  signInCompletion: SignInCompletion,
  apiKeys: ApiKeys,
  accessTokens: AccessTokens,
  passport: AuthModuleOptions,
  ssoRows: SsoRows,
  /** Talks to sign-in providers. */
  oidc: Oidc,
  batched: BATCHED_QUERY,
  config: CONFIG,
  role: ROLE,
} as const;

type Tokens = typeof tokens;
/** The injected dependencies, by name. */
export type Deps<Name extends keyof Tokens> = Injected<Pick<Tokens, Name>>;

/** Selects dependencies: `deps('pool', 'tenantStates')`. */
export const deps = <const Names extends readonly (keyof Tokens)[]>(...names: Names): Pick<Tokens, Names[number]> =>
  Object.fromEntries(names.map((name) => [name, tokens[name]])) as Pick<Tokens, Names[number]>;
