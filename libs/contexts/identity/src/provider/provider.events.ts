import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { emailClaims } from './provider.schema.js';

/*
 * Outside providers by which members of a tenant may sign in (OpenID Connect): `identity.provider-{tenant}-{providerId}`.
 * The client secret is no part of an event; it is kept sealed in a plain table.
 */
const record = (data: { providerId: string }) => ({ type: 'identity.provider', id: data.providerId });

export const providerSet = event('identity.provider-set', {
  version: 2,
  data: z.object({
    providerId: z.uuid(),
    label: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    /** E-mail domains whose people are offered the provider, in lower case. */
    domains: z.array(z.string()),
    /** Left out: `email`. */
    emailClaim: z.enum(emailClaims).optional(),
    /** Its addresses of these domains count unverified, as long as issuer and domains are these. Left out: no. */
    trustsAddresses: z.boolean().optional(),
  }),
  record,
});
export const providerRemoved = event('identity.provider-removed', {
  data: z.object({ providerId: z.uuid(), label: z.string() }),
  record,
});

export const providerEvents = [providerSet, providerRemoved] as const;
export type ProviderEvent = EventsOf<typeof providerEvents>;
