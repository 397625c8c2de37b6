import { isRejection, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext, Resources } from '@daybook/server';
import { Memberships } from '../access/memberships.js';
import { permissionsOf } from '../roles.js';
import { signAccessToken } from './access-tokens.js';
import { normalEmail, triesKey } from './keys.js';
import { Passwords } from './passwords.js';
import { refreshCookie, type RefreshToken, RefreshTokens } from './refresh-tokens.js';
import type { OpenedSession, Session } from './session.operations.js';
import type { SigningKeys } from './signing-keys.js';
import { mostTries, mostTriesOfAddress, Tries, type TriesKey } from './tries.js';

type Asking = Pick<PerformContext, 'caller' | 'cookies' | 'setCookie'>;

/** One answer for an unknown address and a wrong password, so that nobody learns who has an account. */
const signInFailed = (): Rejection =>
  reject('identity.sign-in-failed', 'E-mail and password do not match. After 10 tries sign-in pauses for 15 minutes.', {
    status: 401,
  });
const sessionEnded = (): Rejection =>
  reject('identity.session-ended', 'The session has ended. Sign in again.', { status: 401 });
const noMembership = (): Rejection =>
  reject('identity.no-membership', 'You are not a member of this tenant. Ask its administrator.', { status: 403 });

/** Sign-in, renewal and sign-out: what the session operations do. */
export class Sessions {
  readonly memberships: Memberships;
  private readonly passwords: Passwords;
  private readonly tokens: RefreshTokens;
  private readonly tries: Tries;

  constructor(
    private readonly resources: Resources,
    private readonly keys: SigningKeys,
    /** All permissions that operations declare. */
    private readonly declared: () => Iterable<string>,
  ) {
    this.memberships = new Memberships(resources.read);
    this.passwords = new Passwords(resources.pool, resources.secret);
    this.tokens = new RefreshTokens(resources.pool);
    this.tries = new Tries(resources.pool);
  }

  async open(
    input: { email: string; password: string; tenant?: string | undefined },
    asking: Asking,
  ): Promise<OpenedSession | Rejection> {
    const keys = [this.key('email', normalEmail(input.email)), this.key('address', asking.caller.address ?? 'none')];
    const paused = await this.tries.take(keys);
    if (paused) return paused;
    const personId = await this.passwords.check(input.email, input.password);
    if (personId === null) return signInFailed();
    await this.tries.forget(keys);
    const session = await this.describe(personId, input.tenant);
    if (isRejection(session)) return session;
    return this.answer(session, await this.tokens.open(personId, session.tenant.id), asking);
  }

  async refresh(input: { tenant?: string | undefined }, asking: Asking): Promise<OpenedSession | Rejection> {
    const given = asking.cookies[refreshCookie.name];
    if (!given) return sessionEnded();
    const known = await this.tokens.look(given);
    const session = known && (await this.describe(known.personId, input.tenant ?? known.tenant));
    if (isRejection(session)) return session;
    const next = await this.tokens.rotate(given, session?.tenant.id ?? '');
    if (next === null || session === null) {
      this.clear(asking);
      return sessionEnded();
    }
    return this.answer(session, next, asking);
  }

  async close(asking: Asking): Promise<{ closed: boolean }> {
    const given = asking.cookies[refreshCookie.name];
    const closed = given !== undefined && (await this.tokens.close(given));
    this.clear(asking);
    return { closed };
  }

  /** The session of a caller whose token was verified. */
  async read({ caller }: Asking): Promise<Session | Rejection> {
    return this.describe(caller.actor.id, caller.tenant);
  }

  async changePassword(
    input: { current: string; next: string },
    { caller, cookies }: Asking,
  ): Promise<{ changed: true } | Rejection> {
    const keys = [this.key('person', caller.actor.id)];
    const paused = await this.tries.take(keys);
    if (paused) return paused;
    if ((await this.passwords.checkOf(caller.actor.id, input.current)) === null) {
      return reject('identity.password-wrong', 'The present password is not right.', {
        errors: [{ pointer: '/current', code: 'wrong', message: 'This is not the present password.' }],
      });
    }
    await this.tries.forget(keys);
    await this.passwords.change(caller.actor.id, input.next);
    await this.tokens.closeOthers(caller.actor.id, cookies[refreshCookie.name]);
    return { changed: true };
  }

  private key(kind: 'email' | 'address' | 'person', value: string): TriesKey {
    const most = kind === 'address' ? mostTriesOfAddress : mostTries;
    return { key: triesKey(this.resources.secret, kind, value), most };
  }

  private async describe(personId: string, tenantId: string | undefined): Promise<Session | Rejection> {
    const memberships = await this.memberships.of(personId);
    const chosen = tenantId === undefined ? memberships[0] : memberships.find(({ tenant }) => tenant.id === tenantId);
    const [person] = await this.memberships.people([personId]);
    if (!chosen || !person) return noMembership();
    return {
      person,
      tenant: chosen.tenant,
      tenants: memberships.map(({ tenant }) => tenant),
      role: chosen.role,
      permissions: permissionsOf(chosen.role, this.declared()),
      restricted: null,
    };
  }

  private async answer(session: Session, refresh: RefreshToken, asking: Asking): Promise<OpenedSession> {
    const { token, expiresAt } = await signAccessToken(this.keys, refresh);
    const { path, name } = refreshCookie;
    asking.setCookie(name, refresh.token, { path, maxAgeSeconds: refresh.maxAgeSeconds });
    return { accessToken: token, expiresAt, ...session };
  }

  private clear(asking: Asking): void {
    asking.setCookie(refreshCookie.name, null, { path: refreshCookie.path, maxAgeSeconds: 0 });
  }
}
