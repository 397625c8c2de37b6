import * as z from 'zod';

/** The relying party of WebAuthn: the host of the public address, and its origin. */
export interface RelyingParty {
  readonly rpId: string;
  readonly origin: string;
}
export const relyingParty = (publicUrl: string): RelyingParty => {
  const { hostname, origin } = new URL(publicUrl);
  return { rpId: hostname, origin };
};

/**
 * The origin an answer must come from. In development the console is served on localhost at whatever port is free, so there
 * the port does not matter.
 */
export function originOf({ rpId, origin }: RelyingParty, clientDataJson: string): string {
  if (rpId !== 'localhost') return origin;
  try {
    const said = z
      .object({ origin: z.url() })
      .parse(JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'))).origin;
    return new URL(said).hostname === 'localhost' && new URL(said).origin === said ? said : origin;
  } catch {
    // Not JSON: the verification that follows rejects it.
    return origin;
  }
}
