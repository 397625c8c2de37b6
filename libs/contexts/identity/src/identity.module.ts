import { Authenticator, contextOf, joined, People, RevisionSource } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { JobCommands } from '@daybook/server/nest/job-commands';
import { provider } from '@daybook/server/nest/provider';
import { Global, Module, type Provider } from '@nestjs/common';
import { PassportModule } from '@nestjs/passport';
import { identity as face } from './index.js';
import { RightsAuthenticator } from './access/authenticator.js';
import { TenantStateCache, tenantState } from './access/tenant-state-cache.js';
import { Memberships } from './access/memberships.js';
import { BatchedQuery } from './access/batched-query.js';
import { IdentityApi } from './access/identity-api.js';
import { accessTokenVerifier } from './access/access-token-verifier.js';
import { sodRulePart } from './segregation-of-duties/sod-rule.part.js';
import { identityEntities } from './entities.js';
import { CredentialChanges } from './mfa/credential-change.js';
import { mfaPart } from './mfa/mfa.part.js';
import { MfaMethods } from './mfa/mfa-methods.js';
import { OwnMfa } from './mfa/own-mfa.js';
import { Passkeys } from './mfa/passkeys.js';
import { RecoveryCodes } from './mfa/recovery-codes.js';
import { Tickets } from './mfa/tickets.js';
import { Totp } from './mfa/totp.js';
import { grantPart } from './grant/grant.part.js';
import { BATCHED_QUERY, deps } from './injected.js';
import { InvitationAcceptance } from './invitation/invitation-acceptance.js';
import { invitationTemplate } from './invitation/invitation-mail.js';
import { invitationPart } from './invitation/invitation.part.js';
import { InvitationSending } from './invitation/invitation-sending.js';
import { ApiKeys } from './api-key/api-keys.js';
import { apiKeyVerifier } from './api-key/api-key-verifier.js';
import { apiKeyPart } from './api-key/api-key.part.js';
import { EmailChange } from './email-link/email-change.js';
import { emailLinkPart } from './email-link/email-link.part.js';
import { EmailLinks } from './email-link/email-links.js';
import { MailLimits } from './email-link/mail-limits.js';
import { Notices } from './email-link/notices.js';
import { PasswordReset, passwordResetTemplate } from './email-link/password-reset.js';
import { listMembers } from './member/member.operations.js';
import { memberPart } from './member/member.part.js';
import { listPeople } from './person/person.operations.js';
import { personPart } from './person/person.part.js';
import { PersonErasure } from './privacy/person-erasure.js';
import { identityData } from './privacy/identity-data.js';
import { privacyPart } from './privacy/privacy.part.js';
import { HomeRealm } from './sso/home-realm.js';
import { Oidc } from './sso/oidc.js';
import { SsoRows } from './sso/sso-rows.js';
import { SsoSignIn } from './sso/sso-sign-in.js';
import { ssoProviderPart } from './sso/sso-provider.part.js';
import { ReviewFactsSource } from './review/review-facts.js';
import { reviewPart } from './review/review.part.js';
import { rolePart } from './role/role.part.js';
import { AccessTokens, passportOptions } from './session/access-tokens.js';
import { SignInCompletion } from './session/sign-in-completion.js';
import { FailedSignIns } from './session/failed-sign-ins.js';
import { Passwords } from './session/passwords.js';
import { RefreshTokens } from './session/refresh-tokens.js';
import { SessionCheck, SessionRows } from './session/session-rows.js';
import { sessionPart } from './session/session.part.js';
import { Sessions } from './session/sessions.js';
import { SigningKeys } from './session/signing-keys.js';
import { LoginThrottle } from './session/login-throttle.js';
import { DelegatedAccessConsents } from './delegated-access/delegated-access-consents.js';
import { delegationTokenVerifier } from './delegated-access/delegation-token-verifier.js';
import { delegatedAccessPart } from './delegated-access/delegated-access.part.js';
import { IdentitySetUp } from './set-up.js';
import { tenantPart } from './tenant/tenant.part.js';

const part = joined([
  tenantPart,
  memberPart,
  grantPart,
  rolePart,
  sodRulePart,
  apiKeyPart,
  delegatedAccessPart,
  reviewPart,
  personPart,
  sessionPart,
  mfaPart,
  invitationPart,
  emailLinkPart,
  ssoProviderPart,
  privacyPart,
]);

/** People and their rights: accounts, sessions, members, roles, API keys, delegated access, reviews, privacy. */
export const identity = contextOf(face, [], {
  ...part,
  persons: [listMembers, listPeople],
  mailTemplates: [passwordResetTemplate, invitationTemplate],
  personalData: identityData,
  entities: identityEntities,
});

/** Each takes its dependencies by name. */
// prettier-ignore
const classes: Provider[] = [
  provider(Passwords, deps('em', 'secret')),
  provider(SigningKeys, deps('em', 'secret')),
  provider(SessionRows, deps('em')),
  provider(RefreshTokens, deps('em', 'secret')),
  provider(LoginThrottle, deps('em')),
  provider(FailedSignIns, deps('em', 'secret', 'logger')),
  provider(Tickets, deps('em')),
  provider(EmailLinks, deps('em', 'secret')),
  provider(MailLimits, deps('em', 'secret', 'now')),
  provider(ApiKeys, deps('em', 'pool')),
  provider(SsoRows, deps('em', 'secret')),
  provider(DelegatedAccessConsents, deps('em', 'secret')),
  provider(Totp, deps('em', 'secret')),
  provider(RecoveryCodes, deps('em', 'secret')),
  provider(Passkeys, deps('em', 'tickets', 'publicUrl')),
  provider(MfaMethods, deps('em', 'totp', 'recoveryCodes', 'passkeys')),
  provider(Memberships, deps('read', 'tenantStates', 'bindings')),
  provider(AccessTokens, deps('keys', 'passport')),
  provider(SignInCompletion, deps(
    'bindings', 'mfaMethods', 'keys', 'logger', 'memberships', 'refreshTokens', 'tickets', 'credentialChanges',
  )),
  provider(Notices, deps('memberships', 'outbox')),
  provider(CredentialChanges, deps('em', 'notices')),
  provider(Sessions, deps(
    'mfaMethods', 'keys', 'memberships', 'bindings', 'secret', 'sessions', 'sessionRows', 'passwords',
    'loginThrottle', 'failedSignIns', 'refreshTokens', 'tickets', 'signInCompletion', 'credentialChanges',
  )),
  provider(OwnMfa, deps(
    'mfaMethods', 'memberships', 'secret', 'credentialChanges', 'passwords', 'sessionRows', 'loginThrottle',
  )),
  provider(PasswordReset, deps(
    'memberships', 'outbox', 'secret', 'credentialChanges', 'emailLinks', 'mailLimits', 'passwords', 'loginThrottle',
  )),
  provider(EmailChange, deps('outbox', 'em', 'publicUrl', 'secret', 'emailLinks', 'mailLimits', 'notices')),
  provider(InvitationAcceptance, deps(
    'signInCompletion', 'events', 'tenantStates', 'memberships', 'em', 'secret', 'emailLinks', 'passwords',
    'loginThrottle',
  )),
  provider(InvitationSending, deps(
    'bindings', 'companies', 'events', 'tenantStates', 'memberships', 'em', 'outbox', 'read', 'secret', 'states',
    'emailLinks', 'mailLimits',
  )),
  provider(SsoSignIn, deps(
    'signInCompletion', 'credentialChanges', 'tenantStates', 'memberships', 'em', 'publicUrl', 'read', 'secret',
    'ssoRows', 'oidc',
  )),
  provider(HomeRealm, deps('read', 'ssoRows')),
  provider(ReviewFactsSource, deps('companies', 'em', 'events', 'read', 'tenantStates', 'apiKeys')),
  provider(PersonErasure, deps(
    'events', 'files', 'jobs', 'em', 'sessionRows', 'read', 'vault', 'outbox', 'mail', 'tenantStates', 'bindings',
    'personalData',
  )),
  provider(IdentitySetUp, { commands: JobCommands, ...deps('em', 'secret', 'passwords') }),
];

/** What is made otherwise than by its class alone. */
const others: Provider[] = [
  // The projector answers no requests, and may not ask for sessions.
  provider(BATCHED_QUERY, deps('config', 'role', 'pool'), ({ config, role, pool }) =>
    config.eventStoreUrl === null && role === 'api' ? new BatchedQuery(pool) : null,
  ),
  provider(RevisionSource, deps('batched', 'store'), ({ batched, store }) => ({
    lastRevisions: batched?.revisions ?? ((streams) => store.lastRevisions(streams)),
  })),
  provider(TenantStateCache, deps('states', 'bindings'), ({ states, bindings }) =>
    states.of(tenantState, (tenant) => bindings.askedWithRights(tenant)),
  ),
  provider(SessionCheck, deps('batched', 'pool'), ({ batched, pool }) => new SessionCheck(pool, batched?.openSessions)),
  provider(
    Authenticator,
    deps('accessTokens', 'keys', 'sessions', 'apiKeys', 'tenantStates', 'bindings'),
    ({ accessTokens, keys, sessions, apiKeys, tenantStates, bindings }) => {
      // Each recognises its tokens by their format; the last one takes all others.
      const verifiers = [
        apiKeyVerifier(apiKeys),
        delegationTokenVerifier(keys, sessions),
        accessTokenVerifier(accessTokens, sessions),
      ];
      return new RightsAuthenticator(verifiers, tenantStates, keys, bindings);
    },
  ),
  provider(
    People,
    { authenticator: Authenticator, ...deps('tenantStates', 'bindings', 'memberships') },
    ({ authenticator, ...given }) => new IdentityApi(authenticator as RightsAuthenticator, given),
  ),
  provider(
    Oidc,
    deps('issuers', 'logger'),
    ({ issuers, logger }) => new Oidc(issuers, (what) => logger.warn(what, 'a sign-in provider failed')),
  ),
];

/** Global: every endpoint authenticates its caller, and other contexts use people's rights. */
@Global()
@Module(
  contextModule(identity, {
    imports: [PassportModule.register(passportOptions)],
    providers: [...classes, ...others],
    exports: [Authenticator, People, RevisionSource],
  }),
)
export class IdentityModule {}
