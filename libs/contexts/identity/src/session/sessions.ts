import { isRejection, reject, type Rejection } from '@daybook/kernel';
import { networkOf } from '@daybook/server';
import type { Proof } from '../mfa/mfa-methods.js';
import type { Deps } from '../injected.js';
import { isOwn } from '../roles.js';
import { signAccessToken } from './access-tokens.js';
import type { SignInContext } from './sign-in-completion.js';
import { deviceOf } from './device.js';
import { recordEnds } from './session-ending.js';
import { normalEmail } from './secret-sealing.js';
import { passwordProblem } from './password-rules.js';
import { refreshCookie } from './refresh-tokens.js';
import type { OpenedSession, Session } from './session.operations.js';
import { type Assertion, provedHere, type SignInMethod } from './session.schema.js';
import { type ThrottleKey, throttleKeyOf } from './login-throttle.js';

type RequestContext = SignInContext;

/** The same answer for an unknown address and a wrong password, so that it does not reveal who has an account. */
const signInFailed = (): Rejection =>
  reject(
    'identity.sign-in-failed',
    'E-mail and password do not match. After 10 attempts, sign-in pauses for 15 minutes.',
    {
      status: 401,
    },
  );
const sessionEnded = (): Rejection =>
  reject('identity.session-ended', 'The session has ended. Sign in again.', { status: 401 });
/** Another tab confirmed or changed the password at the same time: a retry sends the new cookie. */
const sessionRenewed = (): Rejection =>
  reject('identity.session-renewed', 'The session was renewed at the same moment. Try again.', { status: 409 });
const ownProofNeeded = (): Rejection =>
  reject('identity.credential-proof-required', "You signed in with this tenant's SSO provider. For another tenant, sign in with your own password or passkey.", { status: 403 }); // prettier-ignore
const wrong = (pointer: string, code: string, message: string, status: 401 | 409 = 409): Rejection =>
  reject(code, message, { status, errors: [{ pointer, code: 'invalid', message }] });
const pointerOf = (proof: Proof): string =>
  proof.passkey ? '/passkey' : proof.code === undefined ? '/recoveryCode' : '/code';

/** Sign-in, second factor, refresh, confirmation and sign-out. */
export class Sessions {
  constructor(
    private readonly deps: Deps<
      | 'mfaMethods'
      | 'keys'
      | 'memberships'
      | 'bindings'
      | 'secret'
      | 'sessions'
      | 'sessionRows'
      | 'passwords'
      | 'loginThrottle'
      | 'failedSignIns'
      | 'refreshTokens'
      | 'tickets'
      | 'credentialChanges'
      | 'signInCompletion'
    >,
  ) {}

  async open(
    input: { email: string; password: string; tenant?: string | undefined },
    asking: RequestContext,
  ): Promise<OpenedSession | Rejection> {
    const [ofEmail, ofAddress] = [this.key('email', normalEmail(input.email)), this.addressKey(asking)];
    const paused = await this.paused([ofEmail, ofAddress], asking, 'password');
    if (paused) return paused;
    const proved = await this.deps.passwords.prove(input.email, input.password);
    if (proved === null) {
      await this.failed(input.email, 'password', asking);
      return signInFailed();
    }
    await this.deps.loginThrottle.giveBack([ofAddress]);
    const { personId, setAt: passwordSetAt } = proved;
    const forget = [ofEmail.key.toString('hex')];
    const proven = { personId, tenant: input.tenant, methods: ['password'] as const, forget, passwordSetAt };
    const outcome = await this.deps.signInCompletion.complete(proven, asking);
    // Only a complete sign-in resets the throttle: the password alone must not allow guessing codes without limit.
    if (!isRejection(outcome)) await this.deps.loginThrottle.forget([ofEmail]);
    return outcome;
  }

  async complete(input: Proof & { ticket: string }, asking: RequestContext): Promise<OpenedSession | Rejection> {
    if (proofsIn(input) !== 1) return exactlyOneProof();
    const { tickets } = this.deps;
    const ticket = await tickets.use('mfa', input.ticket);
    if (!ticket || ticket.personId === null) {
      return reject('identity.ticket-expired', 'The sign-in took too long, or too many attempts. Start again.', {
        status: 401,
      });
    }
    const { personId, data } = ticket;
    const ofPerson = this.key('person', personId);
    const paused = await this.paused([ofPerson], asking, 'second factor');
    if (paused) return paused;
    const method = await this.deps.mfaMethods.check(personId, input);
    if (method === null) {
      await this.failed(personId, 'second factor', asking);
      return wrong(pointerOf(input), 'identity.mfa-invalid', wrongCode(input), 401);
    }
    // Of two requests with the same ticket, one signs in.
    if (!(await tickets.finish('mfa', input.ticket))) return sessionEnded();
    const forget = (data.forget ?? []).map((hex) => ({ key: Buffer.from(hex, 'hex'), most: 0 }));
    await this.deps.loginThrottle.forget([ofPerson, ...forget]);
    const { tenant, methods, passwordSetAt } = data;
    return this.deps.signInCompletion.complete(
      { personId, tenant, methods: [...methods, method], passwordSetAt },
      asking,
    );
  }

  async openWithPasskey(
    input: Assertion & { tenant?: string | undefined },
    asking: RequestContext,
  ): Promise<OpenedSession | Rejection> {
    const ofAddress = this.addressKey(asking);
    const paused = await this.paused([ofAddress], asking, 'passkey');
    if (paused) return paused;
    const personId = await this.deps.mfaMethods.passkeys.check(input);
    if (personId === null) {
      await this.failed('passkey', 'passkey', asking);
      return reject(
        'identity.passkey-refused',
        'This passkey is not registered here, or it answered too late. Try again.',
        {
          status: 401,
        },
      );
    }
    await this.deps.loginThrottle.giveBack([ofAddress]);
    return this.deps.signInCompletion.complete({ personId, tenant: input.tenant, methods: ['passkey'] }, asking);
  }

  async refresh(input: { tenant?: string | undefined }, asking: RequestContext): Promise<OpenedSession | Rejection> {
    const given = asking.cookies[refreshCookie.name];
    if (!given) return sessionEnded();
    const known = await this.deps.refreshTokens.look(given);
    const tenant = input.tenant ?? known?.tenant ?? '';
    if (known && tenant !== known.tenant && !provedHere(known.methods)) return ownProofNeeded();
    const session = known && (await this.deps.signInCompletion.describe(known.personId, tenant, known.methods));
    if (isRejection(session)) return session;
    const seen = { device: deviceOf(asking.client.userAgent), address: asking.caller.address };
    const next = await this.deps.refreshTokens.rotate(given, session?.tenant.id ?? '', seen);
    if ('refused' in next && next.refused === 'replaced') return sessionRenewed();
    if ('refused' in next || session === null) {
      const { refused, ended } = 'refused' in next ? next : ({ refused: 'over', ended: [] } as const);
      if (ended.length > 0) this.deps.signInCompletion.log('token-reused', asking, []);
      await recordEnds(asking, ended, 'token-reused', { kind: 'system', id: 'sign-in' });
      // The cookie is the browser's for all tenants.
      if (refused === 'over') this.clear(asking);
      return sessionEnded();
    }
    const { personId, family: sessionId, methods, entered, until } = next;
    // Also where an earlier attempt entered the tenant and could not record it; what is recorded stays as it is.
    if (entered !== null || tenant !== known?.tenant) {
      const device = entered ?? seen.device;
      await this.deps.signInCompletion.recordBegin({ sessionId, personId, tenant, methods, device, until }, asking);
    }
    return this.deps.signInCompletion.answer(session, next, asking);
  }

  async close(asking: RequestContext): Promise<{ closed: boolean }> {
    const closed = await this.deps.signInCompletion.close(asking);
    this.clear(asking);
    return { closed };
  }

  /** The session of a caller whose token was verified; for a delegate, that of the person, as far as it is open to delegated access. */
  async read({ caller }: Pick<RequestContext, 'caller'>): Promise<Session | Rejection> {
    if (caller.onBehalfOf) {
      const session = await this.deps.signInCompletion.describe(caller.onBehalfOf.id, caller.tenant, null);
      if (isRejection(session)) return session;
      // What is closed to delegated access is not offered to it either.
      const open = this.deps.bindings.operations.flatMap(({ delegated, permission }) =>
        delegated ? (permission ?? []) : [],
      );
      const offered = (permission: string) => !isOwn(permission) && open.includes(permission);
      return {
        ...session,
        tenants: [session.tenant],
        permissions: session.permissions.filter(offered),
        limited: session.limited.map((one) => ({ ...one, permissions: one.permissions.filter(offered) })),
      };
    }
    const live = caller.sessionId ? await this.deps.sessions.look(caller.sessionId, caller.tenant) : null;
    return this.deps.signInCompletion.describe(caller.actor.id, caller.tenant, live?.methods ?? []);
  }

  /** A new access token with a fresh `auth_time` (step-up), and a new refresh token. */
  async confirm(
    input: Proof & { password?: string | undefined },
    asking: RequestContext,
  ): Promise<{ accessToken: string; expiresAt: string } | Rejection> {
    if (proofsIn(input) + (input.password === undefined ? 0 : 1) !== 1) return exactlyOneProof();
    const { tenant, sessionId, actor } = asking.caller;
    if (!sessionId) return sessionEnded();
    const ofPerson = this.key('person', actor.id);
    const paused = await this.paused([ofPerson], asking, 'confirmation');
    if (paused) return paused;
    const method = await this.proofOf(actor.id, input);
    if (method === null) {
      await this.failed(actor.id, 'confirmation', asking);
      const pointer = input.password === undefined ? pointerOf(input) : '/password';
      return wrong(pointer, 'identity.confirmation-failed', 'This is not correct, or was used before. Try again.');
    }
    await this.deps.loginThrottle.forget([ofPerson]);
    const confirmed = await this.deps.sessionRows.confirm(sessionId, tenant, method);
    if (!confirmed) return sessionEnded();
    await this.deps.signInCompletion.replace(sessionId, asking);
    const { authTime, methods } = confirmed;
    const subject = { personId: actor.id, tenant, family: sessionId, authTime, methods };
    const { token, expiresAt } = await signAccessToken(this.deps.keys, subject);
    this.deps.signInCompletion.log('confirmed', asking, [method]);
    return { accessToken: token, expiresAt };
  }

  async changePassword(
    input: { current: string; next: string },
    asking: RequestContext,
  ): Promise<{ changed: true } | Rejection> {
    const { actor, sessionId } = asking.caller;
    const ofPerson = this.key('person', actor.id);
    const paused = await this.paused([ofPerson], asking, 'password');
    if (paused) return paused;
    if ((await this.deps.passwords.checkOf(actor.id, input.current)) === null) {
      await this.failed(actor.id, 'password', asking);
      return wrong('/current', 'identity.password-invalid', 'The current password is not correct.');
    }
    const [person] = await this.deps.memberships.people([actor.id]);
    const tenants = (await this.deps.memberships.of(actor.id)).map(({ tenant }) => tenant.name);
    const problem = await passwordProblem(input.next, { ...person, tenants }, '/next');
    if (problem) return reject('identity.password-weak', problem.message, { errors: [problem] });
    await this.deps.loginThrottle.forget([ofPerson]);
    const reason = 'password-changed';
    const ended = await this.deps.passwords.change(actor.id, input.next, { reason, except: sessionId ?? null });
    await this.deps.credentialChanges.record(actor.id, asking);
    await recordEnds(asking, ended, reason);
    // A copy of this session's token stops working too.
    if (sessionId) await this.deps.signInCompletion.replace(sessionId, asking);
    return { changed: true };
  }

  private async proofOf(
    personId: string,
    input: Proof & { password?: string | undefined },
  ): Promise<SignInMethod | null> {
    if (input.password === undefined) return this.deps.mfaMethods.check(personId, input);
    return (await this.deps.passwords.checkOf(personId, input.password)) === personId ? 'password' : null;
  }

  private async paused(
    keys: readonly ThrottleKey[],
    asking: RequestContext,
    method: string,
  ): Promise<Rejection | null> {
    const rejection = await this.deps.loginThrottle.take(keys);
    if (rejection) this.deps.signInCompletion.log('paused', asking, [method]);
    return rejection;
  }

  private async failed(identifier: string, method: string, asking: RequestContext): Promise<void> {
    await this.deps.failedSignIns.count(identifier, asking);
    this.deps.signInCompletion.log('failed', asking, [method]);
  }

  private key(kind: 'email' | 'address' | 'person', value: string): ThrottleKey {
    return throttleKeyOf(this.deps.secret, kind, value);
  }

  private addressKey({ caller }: RequestContext): ThrottleKey {
    return this.key('address', networkOf(caller.address) || 'none');
  }

  private clear(asking: RequestContext): void {
    asking.setCookie(refreshCookie.name, null, { path: refreshCookie.path, maxAgeSeconds: 0 });
  }
}

const wrongCode = ({ code }: Proof): string =>
  code === undefined
    ? 'This is not correct, or was used before. Try again.'
    : 'This code is not correct, or was used before. Try the next one. If codes keep failing, check that your phone sets its clock automatically.';
const proofsIn = ({ code, recoveryCode, passkey }: Proof): number =>
  [code, recoveryCode, passkey].filter((proof) => proof !== undefined).length;
const exactlyOneProof = (): Rejection =>
  reject('identity.proof-required', 'Give exactly one of a password, a code and a passkey.', { status: 400 });
