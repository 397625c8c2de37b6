import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Facts about API keys, in the tenant's access stream. The secret is no event: its hash stands in identity.api_keys, and a
 * key without its fact here opens nothing.
 */
export const apiKeyHolder = z.enum(['person', 'service']);
export type ApiKeyHolder = z.infer<typeof apiKeyHolder>;

const record = (data: { keyId: string }) => ({ type: 'identity.api-key', id: data.keyId });

export const apiKeyIssued = event('identity.api-key-issued', {
  data: z.object({
    keyId: z.uuid(),
    holder: apiKeyHolder,
    holderId: z.uuid(),
    /** What the holder calls it, sealed for a person: it may tell of them. Null once they are erased. */
    name: personal(z.string().nullable(), 'holderId'),
    prefix: z.string(),
    scopes: z.array(z.string()),
    until: z.string(),
    addresses: z.array(z.string()),
    /** Whoever issued it stands behind what is done with it. */
    issuedBy: z.string(),
  }),
  record,
});
/** Names a key of a service alone; a person's own is named by the event that issued it. */
export const apiKeyRevoked = event('identity.api-key-revoked', {
  data: z.object({
    keyId: z.uuid(),
    holder: apiKeyHolder,
    holderId: z.uuid(),
    name: z.string().nullable(),
    reason: z.string(),
  }),
  record,
});

export const apiKeyEvents = [apiKeyIssued, apiKeyRevoked] as const;
export type ApiKeyEvent = EventsOf<typeof apiKeyEvents>;
