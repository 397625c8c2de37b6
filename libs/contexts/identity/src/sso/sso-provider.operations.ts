import { command, type CommandOf, type CommandOperation, instant, oneLine, query } from '@daybook/kernel';
import * as z from 'zod';
import { openedSession } from '../session/session.operations.js';
import { emailClaims, emailDomain, mostDomains } from './sso-provider.schema.js';

const providerId = z.uuid();
/** All that a provider is set up with, but for its secret. */
const settings = {
  label: oneLine(60).describe('What the button of the sign-in page says'),
  issuer: z
    .url('Give the address of the issuer.')
    .max(500)
    .describe('Its settings are read from /.well-known/openid-configuration below it'),
  clientId: oneLine(300),
  domains: z
    .array(emailDomain)
    .max(mostDomains)
    .describe(
      'Who types an e-mail address of one of them is offered the provider. Some active user must have one. None: everybody is, as long as nobody here belongs to another tenant alone',
    ),
  emailClaim: z
    .enum(emailClaims)
    .describe('The claim that holds the address of the person; another one than email needs trustsAddresses'),
  trustsAddresses: z
    .boolean()
    .describe(
      'true: an address of one of the domains names the person although the provider does not say that it verified it, as Microsoft Entra never does. Only for an issuer where nobody chooses their own address',
    ),
};

/** What a rule of approval and an inbox say of a provider. */
const providerInWords = {
  widens: true,
  summary: ({ label, issuer, domains, trustsAddresses }: Record<string, unknown>) => {
    const trust = trustsAddresses === true ? `, whose addresses of ${String(domains)} count unverified` : '';
    return `Sign-in provider ${String(label)} at ${String(issuer)}${trust}`;
  },
};

export const setSsoProvider = command('identity.sso-provider.set', {
  title: 'Set up a sign-in provider',
  description:
    'OpenID Connect, authorization code with PKCE. Register {DAYBOOK_URL}/sign-in/sso as redirect address. What is left out stays as it is; a new one needs label, issuer and clientId. The domains given are all that it has from then on: [] for none.',
  http: 'PUT /v1/identity/sso-providers/{providerId}',
  acceptsIdempotencyKey: false,
  sensitive: true,
  // Whoever runs a provider can sign in by it as anybody here.
  approvable: { ...providerInWords, step: (): CommandOperation => applySsoProvider },
  says: 'set up the sign-in provider {label}',
  input: z.object({
    providerId,
    ...z.object(settings).partial().shape,
    clientSecret: z.string().min(1).max(500).optional().describe('Never shown again; left out, the present one stays'),
  }),
});
export const removeSsoProvider = command('identity.sso-provider.remove', {
  title: 'Remove a sign-in provider',
  description: 'Nobody signs in by it any more; sessions that are open stay.',
  http: 'POST /v1/identity/sso-providers/{providerId}/removal',
  sensitive: true,
  says: 'removed the sign-in provider {label}',
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
  title: 'List sign-in providers',
  http: 'GET /v1/identity/sso-providers',
  delegated: true,
  permission: 'identity.sso-provider.read',
  input: z.object({}),
  output: z.object({
    redirectUrl: z.string().describe('What to register with the provider'),
    items: z.array(ssoProviderRow),
  }),
  rows: 'items',
});

const started = z.object({ url: z.string().describe('Where to send the browser') }).meta({ id: 'SsoStart' });
export const beginSso = command('identity.session.begin-sso', {
  title: 'Start to sign in by a provider',
  description: 'Sets a cookie for 10 minutes, so that nobody else can finish what was begun here.',
  http: 'POST /v1/identity/session/sso',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'started to sign in by a provider',
  input: z.object({ providerId }),
  output: started,
});
export const finishSso = command('identity.session.finish-sso', {
  title: 'Sign in by the answer of a provider',
  description:
    'Takes the query string that the provider sent the browser back with, once. A second factor that the person has is asked for unless the provider says that it did.',
  http: 'POST /v1/identity/session/sso/callback',
  permission: null,
  acceptsIdempotencyKey: false,
  says: 'signed in by a provider',
  input: z.object({ query: z.string().min(1).max(8000).describe('What stands after the ? of the redirect address') }),
  output: z
    .object({
      linked: z.boolean().describe('true: the account of the provider was linked; the session is as before'),
      session: openedSession.nullable(),
    })
    .meta({ id: 'SsoResult' }),
});

export const listOwnSsoAccounts = query('identity.own-sso-account.list', {
  title: 'List the providers that you sign in by',
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
          host: z.string().describe('Where it leads'),
          linkedAt: instant.nullable().describe('null: not linked'),
        })
        .meta({ id: 'OwnSsoAccount' }),
    ),
  }),
  rows: 'items',
});
export const linkSsoAccount = command('identity.own-sso-account.link', {
  title: 'Link a provider to your account',
  http: 'POST /v1/identity/own/sso-accounts/{providerId}',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'started to link a provider',
  input: z.object({ providerId }),
  output: started,
});
export const unlinkSsoAccount = command('identity.own-sso-account.unlink', {
  title: 'Unlink a provider from your account',
  http: 'POST /v1/identity/own/sso-accounts/{providerId}/removal',
  acceptsIdempotencyKey: false,
  scope: 'caller',
  sensitive: true,
  says: 'unlinked a provider',
  input: z.object({ providerId }),
  output: z.object({ unlinked: z.boolean().describe('false when it was not linked') }),
});

const basedOn = { version: z.int().describe('Of the provider that this changes; 0 for a new one') };

/* Steps of the above, bound as internal commands: their routes are names only and never served. */
/** The settings hold from now on. It is what waits where a rule asks for a second person; the secret is no part of it. */
export const applySsoProvider = command('identity.sso-provider.apply', {
  title: setSsoProvider.title,
  http: 'POST /v1/identity/sso-providers/{providerId}/settings',
  permission: setSsoProvider.permission,
  sensitive: true,
  says: 'set up the sign-in provider {label}',
  approvable: providerInWords,
  input: z.object({
    providerId,
    ...settings,
    draftId: z.uuid().describe('Under which the client secret is kept'),
    ...basedOn,
  }),
});
export const settingSteps = [applySsoProvider] as const;
export const recordSsoProvider = command('identity.sso-provider.record', {
  title: 'Record a sign-in provider',
  http: 'POST /v1/identity/sso-providers/{providerId}/record',
  says: 'set up the sign-in provider {label}',
  input: z.object({ providerId, ...settings, ...basedOn }),
});

export const retireSsoProvider = command('identity.sso-provider.retire', {
  title: 'Record that a sign-in provider is removed',
  http: 'POST /v1/identity/sso-providers/{providerId}/retirement',
  says: 'removed the sign-in provider {label}',
  input: z.object({ providerId }),
});

export const ssoProviderSteps = [recordSsoProvider, retireSsoProvider] as const;
export type SsoProviderCommand = CommandOf<(typeof ssoProviderSteps)[number]>;
