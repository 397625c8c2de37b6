import { type OutputOf, reject, type Rejection, isRejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import { personByEmail } from '../person/person-by-email.js';
import type { Deps } from '../injected.js';
import { normalEmail } from '../session/secret-sealing.js';
import type { SsoProviderSettings, Vouched } from './oidc.js';
import type { finishSso } from './sso-provider.operations.js';
import type { SsoStart } from './sso-rows.js';
import { ssoProviderTable } from './sso-provider.projection.js';

/** The cookie is sent only to the two SSO routes. */
const cookieName = 'daybook_sso';
const cookiePath = '/v1/identity/session/sso';

export const ssoProviderNotFound = (): Rejection =>
  reject('identity.sso-provider-not-found', 'There is no such SSO provider.', { status: 404 });
const notBegun = (): Rejection =>
  reject(
    'identity.sso-state-invalid',
    'This sign-in was started in another browser, was already used, or is older than 10 minutes. Start again.',
    { status: 401 },
  );
/** The same answer for an unknown account, an unverified address, and a person who is not a member. */
const notLinked = (): Rejection =>
  reject(
    'identity.sso-account-not-linked',
    'This account at the provider is not linked to anybody here. Sign in with your password and link it on your account page.',
    { status: 403 },
  );
const takenAccount = (): Rejection =>
  reject(
    'identity.sso-account-already-linked',
    'This account is already linked to somebody, or you have linked another account at this provider. Unlink it first.',
  );

/** Signs people in, and links their accounts, by the answer of an SSO provider. */
export class SsoSignIn {
  constructor(
    private readonly deps: Deps<
      | 'signInCompletion'
      | 'credentialChanges'
      | 'tenantStates'
      | 'memberships'
      | 'em'
      | 'publicUrl'
      | 'read'
      | 'secret'
      | 'ssoRows'
      | 'oidc'
    >,
  ) {}

  get redirectUrl(): string {
    return `${this.deps.publicUrl}/sign-in/sso`;
  }

  /** Binds the sign-in to this browser: the cookie is its half of the state. */
  async begin(
    providerId: string,
    personId: string | null,
    asking: Pick<PerformContext, 'setCookie'>,
  ): Promise<{ url: string } | Rejection> {
    const found = await this.settingsOf(providerId);
    if (isRejection(found)) return found;
    const started = await this.deps.oidc.begin(found.settings, this.redirectUrl);
    if (isRejection(started)) return started;
    const cookie = await this.deps.ssoRows.start({ providerId, personId, begun: started.begun });
    asking.setCookie(cookieName, cookie, { path: cookiePath, maxAgeSeconds: this.deps.ssoRows.startSeconds });
    return { url: started.url };
  }

  async finish(query: string, asking: PerformContext): Promise<OutputOf<typeof finishSso> | Rejection> {
    const cookie = asking.cookies[cookieName];
    asking.setCookie(cookieName, null, { path: cookiePath, maxAgeSeconds: 0 });
    const start = cookie === undefined ? null : await this.deps.ssoRows.take(cookie);
    const answer = new URL(this.redirectUrl);
    answer.search = query;
    if (!start || answer.searchParams.get('state') !== start.begun.state) return this.refuse(notBegun(), asking);
    const found = await this.settingsOf(start.providerId);
    if (isRejection(found)) return found;
    const vouched = await this.deps.oidc.finish(found.settings, answer, start.begun);
    if (isRejection(vouched)) return this.refuse(vouched, asking);
    return start.personId === null
      ? this.signIn(start.providerId, found.tenant, vouched, asking)
      : this.link(start, start.personId, vouched, asking);
  }

  /** The settings and secret of the provider. */
  async settingsOf(providerId: string): Promise<{ tenant: string; settings: SsoProviderSettings } | Rejection> {
    const known = await this.deps.ssoRows.find(providerId);
    const row =
      known &&
      (await this.deps.read(known.tenant, (read) =>
        read.db
          .selectFrom(read.rows(ssoProviderTable).as('p'))
          .select(['p.issuer', 'p.clientId', 'p.domains', 'p.emailClaim', 'p.trustsAddresses'])
          .where('p.providerId', '=', providerId)
          .executeTakeFirst(),
      ));
    if (!known || !row) return ssoProviderNotFound();
    return { tenant: known.tenant, settings: { ...row, clientSecret: known.clientSecret } };
  }

  private async signIn(
    providerId: string,
    tenant: string,
    vouched: Vouched,
    asking: PerformContext,
  ): Promise<OutputOf<typeof finishSso> | Rejection> {
    const account = { providerId, issuer: vouched.issuer, subject: vouched.subject };
    let personId = await this.deps.ssoRows.linkedPerson(account);
    if (personId === null) {
      personId = await this.memberBy(vouched.email, tenant);
      if (personId === null || !(await this.deps.ssoRows.link(account, personId)))
        return this.refuse(notLinked(), asking);
    }
    await this.deps.credentialChanges.record(personId, asking);
    const methods = [vouched.multiFactor ? ('sso-mfa' as const) : ('sso' as const)];
    const session = await this.deps.signInCompletion.complete({ personId, tenant, methods }, asking);
    return isRejection(session) ? session : { linked: false, session };
  }

  private async link(
    { providerId }: SsoStart,
    personId: string,
    { issuer, subject }: Vouched,
    asking: PerformContext,
  ): Promise<OutputOf<typeof finishSso> | Rejection> {
    const account = { providerId, issuer, subject };
    const isLinked =
      (await this.deps.ssoRows.linkedPerson(account)) === personId || (await this.deps.ssoRows.link(account, personId));
    if (!isLinked) return takenAccount();
    await this.deps.credentialChanges.record(personId, asking);
    return { linked: true, session: null };
  }

  /** The member of the tenant with this address; null if there is none, or the address is not accepted. */
  private async memberBy(email: string | null, tenant: string): Promise<string | null> {
    if (email === null) return null;
    const personId = await personByEmail(this.deps.em, this.deps.secret, email);
    if (personId === null) return null;
    const { members } = await this.deps.tenantStates.current(tenant);
    if (members.get(personId)?.status !== 'active') return null;
    // Only by the address that the tenant may see: otherwise its provider could probe for later addresses of the person.
    const [seen] = await this.deps.memberships.shownIn(tenant, [personId]);
    return seen?.email != null && normalEmail(seen.email) === normalEmail(email) ? personId : null;
  }

  private refuse(rejection: Rejection, asking: PerformContext): Rejection {
    this.deps.signInCompletion.log(rejection.code, asking, ['sso']);
    return rejection;
  }
}
