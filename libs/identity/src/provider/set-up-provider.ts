import { domainToASCII } from 'node:url';
import { type CommandResult, type InputOf, isRejection, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type { IdentityParts } from '../room.js';
import type { Oidc } from './oidc.js';
import { recordProvider, type setProvider } from './provider.operations.js';
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

/** Asks the issuer first, so that a wrong address is seen where it is typed; then the fact, then the secret. */
export async function setUpProvider(
  { parts, rows, oidc, signIn }: { parts: IdentityParts; rows: ProviderRows; oidc: Oidc; signIn: ProviderSignIn },
  { clientSecret: given, ...asked }: InputOf<typeof setProvider>,
  { caller, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { providerId, issuer } = asked;
  const settings = { ...asked, domains: [...new Set(asked.domains)] };
  const known = await rows.find(providerId);
  // An id that another tenant took is not told apart from one that is free to nobody.
  if (known && known.tenant !== caller.tenant) return providerMissing();
  const found = known && (await signIn.settingsOf(providerId));
  const before = found && !isRejection(found) ? found : null;
  const moved = before !== null && before.settings.issuer !== issuer;
  if (moved && known?.clientSecret != null && given === undefined) return secretNeeded();
  const proved = await domainsOf(parts, caller.tenant, before?.domains ?? []);
  const unproved = settings.domains.find((domain) => !proved.has(domain));
  if (unproved !== undefined) return domainNotYours(unproved);
  const clientSecret = given ?? known?.clientSecret ?? null;
  const reached = await oidc.begin({ issuer, clientId: settings.clientId, clientSecret }, signIn.redirectUrl);
  if (isRejection(reached)) return atTheIssuer(reached);
  const recorded = await execute(recordProvider, settings);
  if (!isRejection(recorded)) await rows.set(providerId, caller.tenant, { clientSecret, domains: settings.domains });
  return recorded;
}

/**
 * Domains that a tenant may name: whoever has a mailbox there came in by a link mailed to it. Else the Admin of one tenant
 * could lead another one's people to a page of his own, from the sign-in page of both.
 */
async function domainsOf(parts: IdentityParts, tenant: string, before: readonly string[]): Promise<Set<string>> {
  const { members } = await parts.folds.current(tenant);
  const active = [...members].filter(([, { status }]) => status === 'active').map(([personId]) => personId);
  const people = await parts.memberships.people(active);
  const domains = people.map(({ email }) => domainToASCII(email?.split('@').at(-1) ?? '').toLowerCase());
  return new Set([...before, ...domains]);
}
