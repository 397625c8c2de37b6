import { domainToASCII } from 'node:url';
import {
  type CommandResult,
  fold,
  type InputOf,
  isRejection,
  newId,
  reject,
  type Rejection,
  streamName,
} from '@daybook/kernel';
import type { EventReader, PerformContext } from '@daybook/server';
import type { Deps } from '../injected.js';
import type { Oidc } from './oidc.js';
import { ssoProviderDecider, type SsoProviderState } from './sso-provider.decider.js';
import { ssoProviderEvents } from './sso-provider.events.js';
import { type setSsoProvider } from './sso-provider.operations.js';
import { applySsoProvider, recordSsoProvider } from './sso-provider.internal.js';
import type { SsoRows } from './sso-rows.js';
import { ssoProviderNotFound, type SsoSignIn } from './sso-sign-in.js';

const secretNeeded = (): Rejection => {
  const message = 'Enter the client secret again: the current one is not sent to another issuer.';
  return reject('identity.sso-secret-required', message, {
    status: 400,
    errors: [{ pointer: '/clientSecret', code: 'required', message }],
  });
};
const domainNotYours = (domain: string): Rejection => {
  const message = `No active user has an address of ${domain} yet. Invite somebody with such an address first, to prove that the domain is yours.`;
  return reject('identity.sso-domain-unverified', message, {
    errors: [{ pointer: '/domains', code: 'unverified', message }],
  });
};
/** A message for the administrator who typed the address, instead of the one for people who sign in. */
const atTheIssuer = (refused: Rejection): Rejection => {
  if (refused.code !== 'identity.sso-provider-unreachable') return refused;
  const message = 'No OpenID Connect provider answers at this address. Check the address, or try again in a minute.';
  return { ...refused, message, errors: [{ pointer: '/issuer', code: 'unreachable', message }] };
};

/** Unverified addresses are accepted only for the domains of the tenant, and only if trustsAddresses is set. */
function untrusted({ emailClaim, trustsAddresses, domains }: Settings): Rejection | null {
  const wrong = (pointer: string, message: string): Rejection =>
    reject('identity.sso-trust-invalid', message, { status: 400, errors: [{ pointer, code: 'invalid', message }] });
  if (trustsAddresses && domains.length === 0) {
    return wrong('/domains', 'Name the e-mail domains whose unverified addresses are accepted.');
  }
  if (emailClaim !== 'email' && !trustsAddresses) {
    const message = `Providers do not verify ${emailClaim}. Set trustsAddresses to accept addresses in it, for the domains you name.`;
    return wrong('/trustsAddresses', message);
  }
  return null;
}

type Settings = Omit<InputOf<typeof recordSsoProvider>, 'version'>;
type Asked = Omit<InputOf<typeof setSsoProvider>, 'clientSecret'>;

/** Fields that are left out keep their value; a new provider needs the required ones. */
function settingsWith(asked: Asked, state: SsoProviderState): Settings | Rejection {
  const before = state.status === 'set' ? state.settings : null;
  const { providerId, label = before?.label, issuer = before?.issuer, clientId = before?.clientId } = asked;
  if (label === undefined || issuer === undefined || clientId === undefined) {
    const missing = Object.entries({ label, issuer, clientId }).flatMap(([name, value]) => (value === undefined ? [name] : [])); // prettier-ignore
    const message = `A new SSO provider needs ${missing.join(', ')}.`;
    const errors = missing.map((name) => ({ pointer: `/${name}`, code: 'required', message }));
    return reject('identity.sso-provider-incomplete', message, { status: 400, errors });
  }
  return {
    providerId,
    label,
    issuer,
    clientId,
    domains: [...new Set(asked.domains ?? before?.domains)],
    emailClaim: asked.emailClaim ?? before?.emailClaim ?? 'email',
    trustsAddresses: asked.trustsAddresses ?? before?.trustsAddresses ?? false,
  };
}

/** The state from the event log: a read model may lag behind a change of a moment ago. */
const stateOf = (events: EventReader, tenant: string, providerId: string): Promise<SsoProviderState> =>
  fold(ssoProviderDecider, ssoProviderEvents, events.stream(streamName('identity.sso', tenant, providerId)));

const draftGone = (): Rejection => {
  const message = 'The client secret of this request is no longer kept. Set up the provider again.';
  return reject('identity.sso-draft-expired', message);
};

/**
 * Contacts the issuer first, so that a wrong address is reported where it is typed. Then stores the secret as a draft, and
 * applies the settings, which may wait for approval.
 */
export async function setUpSsoProvider(
  deps: SettingUp,
  { clientSecret: given, ...asked }: InputOf<typeof setSsoProvider>,
  { caller, events, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { rows, oidc, signIn } = deps;
  const { tenant } = caller;
  const state = await stateOf(events, tenant, asked.providerId);
  const settings = settingsWith(asked, state);
  if (isRejection(settings)) return settings;
  const { providerId, issuer } = settings;
  const trust = untrusted(settings);
  if (trust) return trust;
  const known = await rows.find(providerId);
  const unfit = await whyNotApply(settings, state, tenant, deps);
  if (unfit) return unfit;
  const moved = state.status === 'set' && state.settings.issuer !== issuer;
  if (moved && known?.clientSecret != null && given === undefined) return secretNeeded();
  const clientSecret = given ?? known?.clientSecret ?? null;
  const reached = await oidc.begin({ ...settings, clientSecret }, signIn.redirectUrl);
  if (isRejection(reached)) return atTheIssuer(reached);
  const draftId = newId();
  await rows.draft({ draftId, providerId, tenant, issuer, clientSecret });
  return execute(applySsoProvider, { ...settings, draftId, version: state.version });
}

/** Records the event, then the plain rows that a sign-in needs. Checks everything again, because approval may have taken days. */
export async function applySsoSettings(
  deps: Applying,
  { draftId, ...settings }: InputOf<typeof applySsoProvider>,
  { caller, events, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { rows } = deps;
  const { tenant } = caller;
  const { providerId, issuer, domains } = settings;
  if (!(await rows.isDrafted({ draftId, providerId, tenant, issuer }))) return draftGone();
  const state = await stateOf(events, tenant, providerId);
  const unfit = await whyNotApply(settings, state, tenant, deps);
  if (unfit) return unfit;
  const recorded = await execute(recordSsoProvider, settings);
  if (!isRejection(recorded)) await rows.apply(providerId, tenant, draftId, domains);
  return recorded;
}

interface Applying extends Deps<'tenantStates' | 'memberships'> {
  readonly rows: SsoRows;
}
interface SettingUp extends Applying {
  readonly oidc: Oidc;
  readonly signIn: SsoSignIn;
}

async function whyNotApply(
  { providerId, domains }: { readonly providerId: string; readonly domains: readonly string[] },
  state: SsoProviderState,
  tenant: string,
  deps: Applying,
): Promise<Rejection | null> {
  const known = await deps.rows.find(providerId);
  // Do not reveal that another tenant uses this id.
  if (known && known.tenant !== tenant) return ssoProviderNotFound();
  const proved = await domainsOf(deps, tenant, state.status === 'set' ? state.settings.domains : []);
  const unproved = domains.find((domain) => !proved.has(domain));
  return unproved === undefined ? null : domainNotYours(unproved);
}

/**
 * The domains that a tenant may claim: those of its active members, whose addresses are verified by e-mail links. Otherwise
 * an Admin could send another tenant's people from the shared sign-in page to a page of their own.
 */
async function domainsOf(
  deps: Deps<'tenantStates' | 'memberships'>,
  tenant: string,
  before: readonly string[],
): Promise<Set<string>> {
  const { members } = await deps.tenantStates.current(tenant);
  const active = [...members].filter(([, { status }]) => status === 'active').map(([personId]) => personId);
  const people = await deps.memberships.people(active);
  const domains = people.map(({ email }) => domainToASCII(email?.split('@').at(-1) ?? '').toLowerCase());
  return new Set([...before, ...domains]);
}
