import { hash } from 'node:crypto';
import { BoundedMap } from '@daybook/server/state/bounded-map';

/** Tokens that a process remembers: people signed in at one time, at less than 1 kB each. */
const mostTokens = 10_000;

/**
 * Claims of tokens whose signature was verified, so that it is verified once per token and process, and not with each request.
 * Being known gives no right: with each request, expiry is checked here, and by the callers that the token's key is still
 * published and its session open. Kept by the hash of the token, so that no token is kept in memory.
 */
export class VerifiedTokens<C extends { readonly exp: number }> {
  private readonly known = new BoundedMap<string, Promise<C | null>>(mostTokens);

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** The claims of a token; null for one that is invalid or has expired. What is invalid is not remembered. */
  async claims(token: string, verify: () => Promise<C | null>): Promise<C | null> {
    const id = hash('sha256', token, 'base64url');
    const asked = this.known.get(id) ?? verify();
    this.known.set(id, asked, 1);
    const claims = await asked.catch(() => null);
    if (claims !== null && claims.exp * 1_000 > this.now()) return claims;
    this.known.delete(id);
    return asked.then(() => null);
  }
}
