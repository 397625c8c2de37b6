import { event, type EventsOf, personal } from '@daybook/kernel';
import * as z from 'zod';

/*
 * Events of API keys, in the tenant's access stream. The secret is not in an event: its hash is in identity.api_keys, and a
 * hash without its event gives no access.
 */
export const apiKeyHolder = z.enum(['person', 'service']);
export type ApiKeyHolder = z.infer<typeof apiKeyHolder>;

const record = (data: { keyId: string }) => ({ type: 'identity.api-key', id: data.keyId });

export const apiKeyIssued = event('identity.api-key-issued', {
  data: z.object({
    keyId: z.uuid(),
    holder: apiKeyHolder,
    holderId: z.uuid(),
    /** The holder's name for it. Sealed for a person, because it may be personal data; null once they are erased. */
    name: personal(z.string().nullable(), 'holderId'),
    prefix: z.string(),
    scopes: z.array(z.string()),
    until: z.string(),
    addresses: z.array(z.string()),
    /** The issuer counts as a custodian of the key: they cannot approve what it requests. */
    issuedBy: z.string(),
  }),
  record,
});
/** `name` is set for keys of service accounts only; a person's own key is named by the event that issued it. */
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
