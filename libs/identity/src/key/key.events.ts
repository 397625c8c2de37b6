import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Facts about API keys, in the tenant's access stream. The secret is no event: its hash stands in identity.api_keys, and a
 * key without its fact here opens nothing.
 */
export const keyHolder = z.enum(['person', 'service']);
export type KeyHolder = z.infer<typeof keyHolder>;

const record = (data: { keyId: string }) => ({ type: 'identity.key', id: data.keyId });

export const keyIssued = event('identity.key-issued', {
  data: z.object({
    keyId: z.uuid(),
    holder: keyHolder,
    holderId: z.uuid(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.string()),
    until: z.string(),
    addresses: z.array(z.string()),
    /** Whoever issued it stands behind what is done with it; absent in events from before it was said. */
    issuedBy: z.string().optional(),
  }),
  record,
});
export const keyRevoked = event('identity.key-revoked', {
  data: z.object({ keyId: z.uuid(), holder: keyHolder, holderId: z.uuid(), name: z.string(), reason: z.string() }),
  record,
});

export const keyEvents = [keyIssued, keyRevoked] as const;
export type KeyEvent = EventsOf<typeof keyEvents>;
