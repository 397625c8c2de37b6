import { masked } from '@daybook/kernel';
import { deriveKey, seal as sealWith, unseal as unsealWith } from '@daybook/server/crypto';
import { createHmac } from 'node:crypto';

/** Keys for the purposes of identity, each derived from DAYBOOK_SECRET on its own (HKDF, RFC 5869). */
const derive = (secret: string, purpose: string): Buffer => deriveKey(secret, `identity ${purpose}`);

export const normalEmail = (email: string): string => email.normalize('NFKC').trim().toLowerCase();

/** Equality look-up of an address without keeping it: HMAC-SHA256 under a key that is not in the database. */
export const emailHash = (secret: string, email: string): Buffer =>
  createHmac('sha256', derive(secret, 'email')).update(normalEmail(email)).digest();

export const throttleKey = (secret: string, kind: 'email' | 'address' | 'person', value: string): Buffer =>
  createHmac('sha256', derive(secret, 'login throttle')).update(`${kind} ${value}`).digest();

/** HMAC of the text typed as e-mail address, so that repeats can be recognised without storing it. */
export const identifierOf = (secret: string, typed: string): string =>
  createHmac('sha256', derive(secret, 'failed sign-in')).update(normalEmail(typed)).digest('base64url');
/** Its first letter and whether it looks like an address. */
export const maskedIdentifier = (typed: string): string => masked(normalEmail(typed));

/** The refresh token after this one: 256 bits that cannot be derived without the secret, the same for each retry. */
export const successorOf = (secret: string, token: string): string =>
  createHmac('sha256', derive(secret, 'refresh token')).update(token).digest('base64url');

/** Recovery codes are compared by this. */
export const recoveryHash = (secret: string, personId: string, code: string): Buffer =>
  createHmac('sha256', derive(secret, 'recovery code')).update(`${personId} ${code}`).digest();

export const seal = (secret: string, purpose: string, clear: Buffer): Buffer =>
  sealWith(derive(secret, purpose), clear);

/** Throws when the secret is another one or the bytes were changed. */
export const unseal = (secret: string, purpose: string, sealed: Buffer): Buffer =>
  unsealWith(derive(secret, purpose), sealed);
