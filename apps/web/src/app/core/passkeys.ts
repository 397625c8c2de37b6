import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { offline, ProblemError } from './problem';

/* What the browser asks its passkeys, and their answers as JSON. Loaded when a passkey is used. */
type Json = Record<string, unknown>;

const words: Readonly<Record<string, string>> = {
  ERROR_CEREMONY_ABORTED: 'No passkey was used.',
  ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED: 'This device has a passkey for this account already.',
  ERROR_INVALID_DOMAIN: 'Passkeys work at the address they were made for, and not at a bare network address.',
};

/** Turned away, timed out or not possible here: said as a problem, for nothing has failed on the server. */
async function asked<T>(ceremony: Promise<T>): Promise<Json> {
  try {
    return (await ceremony) as Json;
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    const turnedAway = error instanceof Error && ['NotAllowedError', 'AbortError'].includes(error.name);
    throw new ProblemError({
      ...offline,
      title: 'No passkey',
      code: 'console.passkey',
      detail: words[code] ?? (turnedAway ? 'No passkey was used.' : 'This browser could not use a passkey here.'),
    });
  }
}

/* The options are JSON to the API; the server makes them with the same library. */
export const answerWithPasskey = (options: unknown): Promise<Json> =>
  asked(startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON }));
export const makePasskey = (options: unknown): Promise<Json> =>
  asked(startRegistration({ optionsJSON: options as PublicKeyCredentialCreationOptionsJSON }));
