import * as z from 'zod';

/* What browsers answer (WebAuthn level 3, toJSON), as far as it is looked at; the rest is left out. */
const text = z.string().max(20_000);
const shared = {
  id: z.string().min(1).max(2_000),
  rawId: z.string().min(1).max(2_000),
  type: z.literal('public-key'),
};
const noExtensions = z.unknown().transform(() => ({}));

export const created = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(20)).max(10).optional().catch([]),
  }),
  clientExtensionResults: noExtensions,
});
export const answered = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: z
      .string()
      .max(200)
      .nullish()
      .transform((handle) => handle ?? undefined),
  }),
  clientExtensionResults: noExtensions,
});

/** Whose passkeys these are: the host of the address people open, and that address itself. */
export interface WebSite {
  readonly rpId: string;
  readonly origin: string;
}
export const webSite = (publicUrl: string): WebSite => {
  const { hostname, origin } = new URL(publicUrl);
  return { rpId: hostname, origin };
};

/**
 * The origin an answer must come from. A page on this machine (localhost) is served at whatever port is free, by the
 * console's own server in development: there the port makes no difference.
 */
export function originOf({ rpId, origin }: WebSite, clientDataJson: string): string {
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
