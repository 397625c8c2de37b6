import * as z from 'zod';

/** Whose passkeys these are: the host of the address people open, and that address itself. */
export interface RelyingParty {
  readonly rpId: string;
  readonly origin: string;
}
export const relyingParty = (publicUrl: string): RelyingParty => {
  const { hostname, origin } = new URL(publicUrl);
  return { rpId: hostname, origin };
};

/**
 * The origin an answer must come from. A page on this machine (localhost) is served at whatever port is free, by the
 * console's own server in development: there the port makes no difference.
 */
export function originOf({ rpId, origin }: RelyingParty, clientDataJson: string): string {
  if (rpId !== 'localhost') return origin;
  try {
    const said = z
      .object({ origin: z.url() })
      .parse(JSON.parse(Buffer.from(clientDataJson, 'base64url').toString('utf8'))).origin;
    return new URL(said).hostname === 'localhost' && new URL(said).origin === said ? said : origin;
  } catch {
    // No JSON: the verification that follows says so.
    return origin;
  }
}
