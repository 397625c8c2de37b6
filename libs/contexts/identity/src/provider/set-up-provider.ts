import { domainToASCII } from 'node:url';
import { type CommandResult, type InputOf, isRejection, newId, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type { Given } from '../injected.js';
import type { Oidc } from './oidc.js';
import { applyProvider, recordProvider, type setProvider } from './provider.operations.js';
import type { ProviderRows } from './provider-rows.js';
import { providerMissing, type ProviderSignIn } from './provider-sign-in.js';

const secretNeeded = (): Rejection => {
  const message = 'Give the client secret again: the present one is not sent to another issuer.';
  return reject('identity.provider-secret-needed', message, {
    status: 400,
    errors: [{ pointer: '/clientSecret', code: 'required', message }],
  });
};
const domainNotYours = (domain: string): Rejection => {
  const message = `No active user has an address of ${domain} yet. Invite one of them first: only then is the domain yours to name.`;
  return reject('identity.provider-domain-unproved', message, {
    errors: [{ pointer: '/domains', code: 'unproved', message }],
  });
};
/** What everybody else is told does not help where the address was typed. */
const atTheIssuer = (refused: Rejection): Rejection => {
  if (refused.code !== 'identity.provider-unreachable') return refused;
  const message = 'At this address no provider answers, or not as one should. Check it, or try again in a minute.';
  return { ...refused, message, errors: [{ pointer: '/issuer', code: 'unreachable', message }] };
};

/** An address that nobody verified counts within the domains of the tenant alone, and only where that is asked for. */
function untrusted({ emailClaim, trustsAddresses, domains }: InputOf<typeof setProvider>): Rejection | null {
  const wrong = (pointer: string, message: string): Rejection =>
    reject('identity.provider-trust-wrong', message, { status: 400, errors: [{ pointer, code: 'wrong', message }] });
  if (trustsAddresses && domains.length === 0) {
    return wrong('/domains', 'Name the e-mail domains whose addresses count unverified.');
  }
  if (emailClaim !== 'email' && !trustsAddresses) {
    const message = `No provider says that it verified ${emailClaim}: addresses in it count only with trustsAddresses, for the domains you name.`;
    return wrong('/trustsAddresses', message);
  }
  return null;
}

const draftGone = (): Rejection => {
  const message = 'The secret that was given for this is not kept any more. Set up the provider again.';
  return reject('identity.provider-draft-gone', message);
};

/**
 * Asks the issuer first, so that a wrong address is seen where it is typed; then the secret is kept, then the settings are
 * applied, which may wait for a second person.
 */
export async function setUpProvider(
  parts: SettingUp,
  { clientSecret: given, ...asked }: InputOf<typeof setProvider>,
  { caller, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { rows, oidc, signIn } = parts;
  const { providerId, issuer } = asked;
  const { tenant } = caller;
  const trust = untrusted(asked);
  if (trust) return trust;
  const settings = { ...asked, domains: [...new Set(asked.domains)] };
  const known = await rows.find(providerId);
  const unfit = await whyNotApply(settings, tenant, parts);
  if (unfit) return unfit;
  const before = known && (await signIn.settingsOf(providerId));
  const moved = before !== null && !isRejection(before) && before.settings.issuer !== issuer;
  if (moved && known?.clientSecret != null && given === undefined) return secretNeeded();
  const clientSecret = given ?? known?.clientSecret ?? null;
  const reached = await oidc.begin({ ...settings, clientSecret }, signIn.redirectUrl);
  if (isRejection(reached)) return atTheIssuer(reached);
  const draftId = newId();
  await rows.draft({ draftId, providerId, tenant, issuer, clientSecret });
  return execute(applyProvider, { ...settings, draftId });
}

/** The fact, then what a sign-in needs before a tenant is known. Asked again, for it may have waited. */
export async function applySettings(
  parts: Omit<SettingUp, 'oidc'>,
  { draftId, ...settings }: InputOf<typeof applyProvider>,
  { caller, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { rows } = parts;
  const { tenant } = caller;
  const { providerId, issuer, domains } = settings;
  if (!(await rows.isDrafted({ draftId, providerId, tenant, issuer }))) return draftGone();
  const unfit = await whyNotApply(settings, tenant, parts);
  if (unfit) return unfit;
  const recorded = await execute(recordProvider, settings);
  if (!isRejection(recorded)) await rows.apply(providerId, tenant, draftId, domains);
  return recorded;
}

interface SettingUp extends Given<'folds' | 'memberships'> {
  readonly rows: ProviderRows;
  readonly oidc: Oidc;
  readonly signIn: ProviderSignIn;
}

async function whyNotApply(
  { providerId, domains }: { readonly providerId: string; readonly domains: readonly string[] },
  tenant: string,
  parts: Omit<SettingUp, 'oidc'>,
): Promise<Rejection | null> {
  const { rows, signIn } = parts;
  const known = await rows.find(providerId);
  // An id that another tenant took is not told apart from one that is free to nobody.
  if (known && known.tenant !== tenant) return providerMissing();
  const found = known && (await signIn.settingsOf(providerId));
  const before = found && !isRejection(found) ? found.settings.domains : [];
  const proved = await domainsOf(parts, tenant, before);
  const unproved = domains.find((domain) => !proved.has(domain));
  return unproved === undefined ? null : domainNotYours(unproved);
}

/**
 * Domains that a tenant may name: whoever has a mailbox there came in by a link mailed to it. Else the Admin of one tenant
 * could lead another one's people to a page of his own, from the sign-in page of both.
 */
async function domainsOf(
  parts: Given<'folds' | 'memberships'>,
  tenant: string,
  before: readonly string[],
): Promise<Set<string>> {
  const { members } = await parts.folds.current(tenant);
  const active = [...members].filter(([, { status }]) => status === 'active').map(([personId]) => personId);
  const people = await parts.memberships.people(active);
  const domains = people.map(({ email }) => domainToASCII(email?.split('@').at(-1) ?? '').toLowerCase());
  return new Set([...before, ...domains]);
}
