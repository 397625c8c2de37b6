import { offline, ProblemError } from './problem';

/** What browsers give to a page that came over https, or from this machine itself. */
export const isSecure = (): boolean => globalThis.isSecureContext !== false;
export const passkeysNeedHttps =
  'Passkeys work over https only, and this page came over plain http. Ask the operator of the server to install a certificate.';

/** Refuses before the server is asked for anything, where the browser has no passkeys to use. */
export function mayUsePasskeys(): void {
  if (isSecure()) return;
  throw new ProblemError({
    ...offline,
    title: 'No passkeys here',
    code: 'console.passkeys-need-https',
    detail: passkeysNeedHttps,
  });
}
