import { event, type EventsOf } from '@daybook/kernel';
import * as z from 'zod';
import { emailClaims } from './sso-provider.schema.js';

/*
 * SSO providers with which members of a tenant may sign in (OpenID Connect): `identity.sso-{tenant}-{providerId}`.
 * The client secret is not in an event; it is sealed in a plain table.
 */
const record = (data: { providerId: string }) => ({ type: 'identity.sso-provider', id: data.providerId });

export const ssoProviderSet = event('identity.sso-provider-set', {
  data: z.object({
    providerId: z.uuid(),
    label: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    /** E-mail domains whose people are offered the provider, in lower case. */
    domains: z.array(z.string()),
    /** Default: `email`. */
    emailClaim: z.enum(emailClaims).optional(),
    /** Accepts unverified addresses of these domains. Default: no. */
    trustsAddresses: z.boolean().optional(),
  }),
  record,
});
export const ssoProviderRemoved = event('identity.sso-provider-removed', {
  data: z.object({ providerId: z.uuid(), label: z.string() }),
  record,
});

export const ssoProviderEvents = [ssoProviderSet, ssoProviderRemoved] as const;
export type SsoProviderEvent = EventsOf<typeof ssoProviderEvents>;
