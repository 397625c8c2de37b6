import { type CommandResult, type InputOf, isRejection, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
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

/** Asks the issuer first, so that a wrong address is seen where it is typed; then the fact, then the secret. */
export async function setUpProvider(
  { rows, oidc, signIn }: { rows: ProviderRows; oidc: Oidc; signIn: ProviderSignIn },
  { clientSecret: given, ...settings }: InputOf<typeof setProvider>,
  { caller, execute }: PerformContext,
): Promise<CommandResult | Rejection> {
  const { providerId, issuer } = settings;
  const known = await rows.find(providerId);
  // An id that another tenant took is not told apart from one that is free to nobody.
  if (known && known.tenant !== caller.tenant) return providerMissing();
  const before = known && (await signIn.settingsOf(providerId));
  const moved = before && !isRejection(before) && before.settings.issuer !== issuer;
  if (moved && known.clientSecret !== null && given === undefined) return secretNeeded();
  const clientSecret = given ?? known?.clientSecret ?? null;
  const reached = await oidc.begin({ issuer, clientId: settings.clientId, clientSecret }, signIn.redirectUrl);
  if (isRejection(reached)) return reached;
  const recorded = await execute(recordProvider, settings);
  if (!isRejection(recorded)) await rows.set(providerId, caller.tenant, clientSecret);
  return recorded;
}
