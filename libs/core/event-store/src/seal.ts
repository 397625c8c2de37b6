import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';

/*
 * AES-256-GCM whose nonce is the HMAC of the plain text, as in SIV modes: equal inputs give equal bytes, and different ones never
 * share a nonce. Sealed = nonce (12 bytes) | tag (16 bytes) | cipher text.
 */
const algorithm = 'aes-256-gcm';

export function sealWith(key: Buffer, bound: string, clear: Buffer): Buffer {
  const nonce = createHmac('sha256', part(key, 'nonce'))
    .update(bound)
    .update('\0')
    .update(clear)
    .digest()
    .subarray(0, 12);
  const cipher = createCipheriv(algorithm, part(key, 'cipher'), nonce).setAAD(Buffer.from(bound));
  const text = Buffer.concat([cipher.update(clear), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]);
}

/** Throws if the key, the subject or a single bit differs. */
export function openWith(key: Buffer, bound: string, sealed: Buffer): Buffer {
  const decipher = createDecipheriv(algorithm, part(key, 'cipher'), sealed.subarray(0, 12))
    .setAAD(Buffer.from(bound))
    .setAuthTag(sealed.subarray(12, 28));
  return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]);
}

/** Derived once per cached key, since that takes longer than sealing. */
const parts = new WeakMap<Buffer, Map<string, Buffer>>();

function part(key: Buffer, use: 'nonce' | 'cipher'): Buffer {
  const known = parts.get(key) ?? new Map<string, Buffer>();
  const found = known.get(use) ?? derive(key, `daybook ${use}`);
  parts.set(key, known.set(use, found));
  return found;
}

export const derive = (secret: string | Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), use, 32));

/** Additional authenticated data: a sealed text cannot be unsealed for another subject. */
export const bindingOf = (tenant: string, subject: string): string => `${tenant}\u001f${subject}`;
