import { createHash, randomBytes } from 'node:crypto';

/** A secret of 256 random bits that says nothing; only its hash is stored. */
export const newOpaqueToken = (): string => randomBytes(32).toString('base64url');
/** SHA-256, which is enough for a token that nobody can guess. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();
