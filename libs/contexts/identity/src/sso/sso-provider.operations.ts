import { command, instant, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';
import { openedSession } from '../session/session.operations.js';
import { emailClaims, emailDomain, maxDomains } from './sso-provider.schema.js';

const providerId = z.uuid();
/** The settings of a provider, without its secret. */
export const ssoProviderSettings = {
  label: oneLine(60).describe('The text of its button on the sign-in page'),
  issuer: z
    .url('Give the address of the issuer.')
    .max(500)
    .describe('Its metadata is read from /.well-known/openid-configuration below this address'),
  clientId: oneLine(300),
  domains: z
    .array(emailDomain)
    .max(maxDomains)
    .describe(
      'The provider is offered to people who enter an e-mail address of one of these domains. At least one active user must have such an address. Empty: offered to everybody, unless somebody on this installation belongs only to another tenant',
    ),
  emailClaim: z
    .enum(emailClaims)
    .describe('The claim that contains the address of the person; any other than email needs trustsAddresses'),
  trustsAddresses: z
    .boolean()
    .describe(
      'true: accepts addresses of these domains that the provider does not report as verified (Microsoft Entra never does). Only for an issuer where people cannot choose their own address',
    ),
};

/** How approval rules and the inbox describe a provider. */
export const ssoProviderApprovable = {
  widens: true,
  summary: ({ label, issuer, domains, trustsAddresses }: Record<string, unknown>) => {
    const trust = trustsAddresses === true ? `, whose unverified addresses of ${String(domains)} are accepted` : '';
    return `SSO provider ${String(label)} at ${String(issuer)}${trust}`;
  },
};

export const setSsoProvider = command('identity.sso-provider.set', {
  title: 'Set up an SSO provider',
  description:
    'OpenID Connect, authorization code with PKCE. Register {DAYBOOK_URL}/sign-in/sso as the redirect address. Fields that are left out keep their value; a new provider needs label, issuer and clientId. The domains replace the previous ones: [] for none.',
  http: 'PUT /v1/identity/sso-providers/{providerId}',
  acceptsIdempotencyKey: false,
  sensitive: true,
  // The operator of a provider can sign in as anybody in the tenant.
  approvable: { ...ssoProviderApprovable, step: 'identity.sso-provider.apply' },
  says: 'set up the SSO provider {label}',
  input: z.object({
    providerId,
    ...z.object(ssoProviderSettings).partial().shape,
    clientSecret: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .describe('Never shown again; if left out, the current one stays'),
  }),
});
export const removeSsoProvider = command('identity.sso-provider.remove', {
  title: 'Remove an SSO provider',
  description: 'Nobody can sign in with it any more. Open sessions stay open.',
  http: 'POST /v1/identity/sso-providers/{providerId}/removal',
  sensitive: true,
  says: 'removed the SSO provider {label}',
  input: z.object({ providerId }),
});
export const ssoProviderRow = z
  .object({
    providerId,
    label: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    domains: z.array(z.string()),
    emailClaim: z.enum(emailClaims),
    trustsAddresses: z.boolean(),
    since: instant,
    version: z.int(),
  })
  .meta({ id: 'SsoProvider' });
export const listSsoProviders = query('identity.sso-provider.list', {
  title: 'List SSO providers',
  http: 'GET /v1/identity/sso-providers',
  delegated: true,
  permission: 'identity.sso-provider.read',
  input: z.object({}),
  output: z.object({
    redirectUrl: z.string().describe('The redirect address to register with the provider'),
    items: z.array(ssoProviderRow),
  }),
  rows: 'items',
});

const started = z.object({ url: z.string().describe('Where to send the browser') }).meta({ id: 'SsoStart' });
export const beginSso = command('identity.session.begin-sso', {
  title: 'Start to sign in with SSO',
  description: 'Sets a cookie for 10 minutes, so that the sign-in can only be finished in the same browser.',
  http: 'POST /v1/identity/session/sso',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'started to sign in with SSO',
  input: z.object({ providerId }),
  output: started,
});
export const finishSso = command('identity.session.finish-sso', {
  title: 'Finish a sign-in with SSO',
  description:
    'Takes, once, the query string with which the provider sent the browser back. If the person has a second factor, it is required unless the provider reports that it asked for one.',
  http: 'POST /v1/identity/session/sso/callback',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed in with SSO',
  input: z.object({ query: z.string().min(1).max(8000).describe('The part of the redirect address after the ?') }),
  output: z
    .object({
      linked: z.boolean().describe('true: the account at the provider was linked; the session is unchanged'),
      session: openedSession.nullable(),
    })
    .meta({ id: 'SsoResult' }),
});

export const listOwnSsoAccounts = query('identity.own-sso-account.list', {
  title: 'List your SSO accounts',
  http: 'GET /v1/identity/own/sso-accounts',
  permission: 'identity.own-sso-account.list',
  scope: 'caller',
  currentOnly: true,
  input: z.object({}),
  output: z.object({
    items: z.array(
      z
        .object({
          providerId,
          label: z.string(),
          host: z.string().describe('Host of the issuer'),
          linkedAt: instant.nullable().describe('null: not linked'),
        })
        .meta({ id: 'OwnSsoAccount' }),
    ),
  }),
  rows: 'items',
});
export const linkSsoAccount = command('identity.own-sso-account.link', {
  title: 'Link an SSO account',
  http: 'POST /v1/identity/own/sso-accounts/{providerId}',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'started to link an SSO account',
  input: z.object({ providerId }),
  output: started,
});
export const unlinkSsoAccount = command('identity.own-sso-account.unlink', {
  title: 'Unlink an SSO account',
  http: 'POST /v1/identity/own/sso-accounts/{providerId}/removal',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'unlinked an SSO account',
  input: z.object({ providerId }),
  output: z.object({ unlinked: z.boolean().describe('false when it was not linked') }),
});
