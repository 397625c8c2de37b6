import { randomUUID } from 'node:crypto';
import { isRejection, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type { Deps } from '../injected.js';
import { accountPermissions } from '../roles.js';
import { signAccessToken } from './access-tokens.js';
import { deviceOf } from './device.js';
import { recordEnds } from './session-ending.js';
import { familyDays, refreshCookie, type RefreshToken } from './refresh-tokens.js';
import { type OpenedSession, type Session } from './session.operations.js';
import { beginSession } from './session.internal.js';
import { provedHere, type SecondFactor, type SignInMethod, withSecond } from './session.schema.js';
import type { SignIn } from './session-rows.js';
import { callerAs, runInternal } from './internal-commands.js';

export type SignInContext = Pick<
  PerformContext,
  'caller' | 'cookies' | 'setCookie' | 'commandId' | 'executeAs' | 'client'
>;

/** A person who has authenticated with one factor or two. */
export interface AuthenticatedPerson {
  readonly personId: string;
  /** Default: the first tenant of the person, by name. */
  readonly tenant?: string | undefined;
  readonly methods: readonly SignInMethod[];
  /** Which password was used, if one was: if it changes meanwhile, the sign-in fails. */
  readonly passwordSetAt?: string | undefined;
  /** Throttle keys that a successful sign-in resets (hex). */
  readonly forget?: readonly string[];
}

const dayMs = 86_400_000;

const noMembership = (): Rejection =>
  reject('identity.not-a-member', 'You are not a member of this tenant. Ask its administrator.', { status: 403 });

const passwordChanged = (): Rejection =>
  reject('identity.password-changed', 'The password changed while you were signing in. Sign in with the new one.', {
    status: 401,
  });

const asked: Readonly<Record<SecondFactor, string>> = {
  passkey: 'Use your passkey.',
  totp: 'Enter the code of your authenticator app.',
  'recovery-code': 'Enter one of your recovery codes.',
};

/**
 * The last steps of every sign-in, whatever it began with (password, passkey, provider, invitation): a second factor that
 * the person has is always asked for, then the session opens, is recorded and answered.
 */
export class SignInCompletion {
  constructor(
    private readonly deps: Deps<
      'bindings' | 'mfaMethods' | 'keys' | 'logger' | 'memberships' | 'refreshTokens' | 'tickets' | 'credentialChanges'
    >,
  ) {}

  /** Opens the session, or asks for the second factor: 401 `identity.mfa-required` with a ticket. */
  async complete(proven: AuthenticatedPerson, asking: SignInContext): Promise<OpenedSession | Rejection> {
    const session = await this.describe(proven.personId, proven.tenant, proven.methods);
    if (isRejection(session)) return session;
    const methods = withSecond(proven.methods) ? [] : await this.deps.mfaMethods.of(proven.personId);
    if (methods.length === 0) return this.enter(session, proven, asking);
    const { personId, ...data } = proven;
    const ticket = await this.deps.tickets.issue('mfa', personId, { ...data, tenant: session.tenant.id });
    this.log('mfa-required', asking, proven.methods);
    return reject('identity.mfa-required', asked[methods[0] as SecondFactor], {
      status: 401,
      details: { ticket, methods },
    });
  }

  /** The person and their rights in a tenant; by default, their first. `methods` null: somebody else acts for them. */
  async describe(
    personId: string,
    tenantId: string | undefined,
    methods: readonly SignInMethod[] | null,
  ): Promise<Session | Rejection> {
    const memberships = await this.deps.memberships.of(personId);
    const chosen = tenantId === undefined ? memberships[0] : memberships.find(({ tenant }) => tenant.id === tenantId);
    if (!chosen) return noMembership();
    // The operator of a tenant's SSO provider must not learn a name that the tenant may not see.
    const vouchedFor = methods !== null && !provedHere(methods);
    const { memberships: names } = this.deps;
    const [person] = await (vouchedFor ? names.shownIn(chosen.tenant.id, [personId]) : names.people([personId]));
    if (!person) return noMembership();
    const restricted = chosen.mfaRequired && methods !== null && !withSecond(methods);
    return {
      person,
      tenant: chosen.tenant,
      tenants: memberships
        .map(({ tenant }) => tenant)
        .filter(({ id }) => id === chosen.tenant.id || (methods !== null && provedHere(methods))),
      role: chosen.role,
      permissions: restricted ? accountPermissions(this.deps.bindings.declared) : [...chosen.permissions],
      limited: restricted ? [] : chosen.limited.map((one) => ({ ...one, permissions: [...one.permissions] })),
      restricted: restricted ? 'mfa-setup-required' : null,
    };
  }

  /** The response with a new access token; sets the refresh cookie. */
  async answer(session: Session, refresh: RefreshToken, asking: SignInContext): Promise<OpenedSession> {
    const { token, expiresAt } = await signAccessToken(this.deps.keys, refresh);
    this.setRefreshCookie(refresh, asking);
    return { accessToken: token, expiresAt, ...session };
  }

  /**
   * Replaces the browser's refresh token once the person has confirmed who they are (ASVS 7.2.4): a copy of the previous one
   * is no longer valid. Without the session's cookie there is nothing to replace.
   */
  async replace(sessionId: string, asking: SignInContext): Promise<void> {
    const given = asking.cookies[refreshCookie.name];
    const next = given === undefined ? null : await this.deps.refreshTokens.replace(given, sessionId);
    if (next) this.setRefreshCookie(next, asking);
  }

  private setRefreshCookie(
    { token, maxAgeSeconds }: Pick<RefreshToken, 'token' | 'maxAgeSeconds'>,
    asking: SignInContext,
  ): void {
    const { path, name } = refreshCookie;
    asking.setCookie(name, token, { path, maxAgeSeconds });
  }

  /** Records the start of the session in a tenant, before the row, so that every usable session has its event. */
  recordBegin(session: Omit<SignIn, 'address'> & { readonly until: string }, asking: SignInContext): Promise<void> {
    const { sessionId, personId, tenant, methods, device, until } = session;
    const caller = callerAs(asking, { kind: 'person', id: personId }, tenant);
    return runInternal(asking, caller, beginSession, { sessionId, personId, methods: [...methods], device, until });
  }

  /** Logs one line for each attempt (ASVS 16.3.1). The trace id leads to the events, and no person is named. */
  log(outcome: string, { caller }: Pick<SignInContext, 'caller'>, methods: readonly string[]): void {
    this.deps.logger.info({ outcome, methods, traceId: caller.correlationId }, 'authentication');
  }

  private async enter(
    session: Session,
    { personId, methods, passwordSetAt }: AuthenticatedPerson,
    asking: SignInContext,
  ): Promise<OpenedSession | Rejection> {
    const signIn = {
      sessionId: randomUUID(),
      personId,
      tenant: session.tenant.id,
      methods,
      device: deviceOf(asking.client.userAgent),
      address: asking.caller.address,
      until: new Date(Date.now() + familyDays * dayMs).toISOString(),
      passwordSetAt,
    };
    await this.deps.credentialChanges.record(personId, asking);
    await this.recordBegin(signIn, asking);
    const refresh = await this.deps.refreshTokens.open(signIn);
    if (refresh === null) {
      await recordEnds(asking, [signIn], 'password-changed', { kind: 'person', id: personId });
      return passwordChanged();
    }
    // The browser gets a new cookie, so nobody could end the previous session any more (ASVS 7.2.4).
    await this.close(asking);
    const opened = await this.answer(session, refresh, asking);
    this.log('signed-in', asking, methods);
    return opened;
  }

  /** Ends the session of the browser's cookie; returns whether it was open. */
  async close(asking: SignInContext): Promise<boolean> {
    const given = asking.cookies[refreshCookie.name];
    const ended = given === undefined ? [] : await this.deps.refreshTokens.close(given, 'signed-out');
    for (const one of ended) {
      await recordEnds(asking, [one], 'signed-out', { kind: 'person', id: one.personId });
    }
    return ended.length > 0;
  }
}
