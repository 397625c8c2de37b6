import { domainToASCII } from 'node:url';
import {
  type CommandResult,
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
import type { SsoProviderEvent } from './sso-provider.events.js';
import { applySsoProvider, recordSsoProvider, type setSsoProvider } from './sso-provider.operations.js';
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
/** What everybody else is told does not help where the address was typed. */
const atTheIssuer = (refused: Rejection): Rejection => {
  if (refused.code !== 'identity.sso-provider-unreachable') return refused;
  const message = 'No OpenID Connect provider answers at this address. Check the address, or try again in a minute.';
  return { ...refused, message, errors: [{ pointer: '/issuer', code: 'unreachable', message }] };
};

/** An address that nobody verified counts within the domains of the tenant alone, and only where that is asked for. */
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

/** What is left out stays; of a new provider, what it cannot be without is missing. */
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

/** As the log has it: a change right after another one is not made of what was before both. */
async function stateOf(events: EventReader, tenant: string, providerId: string): Promise<SsoProviderState> {
  let state = ssoProviderDecider.initial;
  for await (const event of events.stream(streamName('identity.sso', tenant, providerId))) {
    state = ssoProviderDecider.evolve(state, event as unknown as SsoProviderEvent, { revision: event.revision });
  }
  return state;
}

const draftGone = (): Rejection => {
  const message = 'The client secret of this request is no longer kept. Set up the provider again.';
  return reject('identity.sso-draft-expired', message);
};

/**
 * Asks the issuer first, so that a wrong address is seen where it is typed; then the secret is kept, then the settings are
 * applied, which may wait for a second person.
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

/** The fact, then what a sign-in needs before a tenant is known. Asked again, for it may have waited. */
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
  // An id that another tenant took is not told apart from one that is free to nobody.
  if (known && known.tenant !== tenant) return ssoProviderNotFound();
  const proved = await domainsOf(deps, tenant, state.status === 'set' ? state.settings.domains : []);
  const unproved = domains.find((domain) => !proved.has(domain));
  return unproved === undefined ? null : domainNotYours(unproved);
}

/**
 * Domains that a tenant may name: whoever has a mailbox there came in by a link mailed to it. Else the Admin of one tenant
 * could lead another one's people to a page of his own, from the sign-in page of both.
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
