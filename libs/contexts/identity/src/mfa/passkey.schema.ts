import * as z from 'zod';

/* The answers of browsers (WebAuthn level 3, toJSON); fields that are not used are left out. */
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
