import { type ActionDeclaration, view } from '@daybook/kernel';
import { listSsoProviders, removeSsoProvider, setSsoProvider } from './sso-provider.operations.js';

const facts: ActionDeclaration['ask'] = {
  label: { label: 'Label', required: true, width: 'full', hint: 'The text of its button on the sign-in page.' },
  issuer: { label: 'Issuer', required: true, width: 'full', hint: 'https://…, exactly as the provider names it.' },
  clientId: { label: 'Client id', required: true, width: 'full' },
  domains: {
    label: 'E-mail domains',
    hint: 'One per line, such as fjord.example. The provider is offered to people who enter an address of one of them. Empty: offered to everybody, unless somebody on this installation belongs only to another tenant.',
  },
  emailClaim: { label: 'Claim that contains the address', hint: 'email, unless the provider uses preferred_username or upn.' },
  trustsAddresses: {
    label: 'Accept unverified addresses',
    hint: 'For Microsoft Entra and others that never send email_verified, and only where people cannot choose their own address. Applies to the domains above.',
  },
}; // prettier-ignore

export const setUpSsoProvider: ActionDeclaration = {
  operation: setSsoProvider,
  label: 'Set up a provider',
  icon: 'plus',
  title: 'Set up an SSO provider',
  what: 'Register the redirect address on this page with the provider first. People who have linked it can then sign in with it.',
  fresh: 'providerId',
  ask: { ...facts, clientSecret: { label: 'Client secret', as: 'secret', width: 'full', hint: 'Encrypted, and never shown.' } },
}; // prettier-ignore

/** The SSO providers of the tenant; shown on the security page. */
export const ssoProviderView = view(listSsoProviders, {
  path: 'security',
  title: 'SSO providers',
  one: 'SSO provider',
  icon: 'log-in',
  id: 'providerId',
  channels: ['sso-providers'],
  columns: {
    label: { as: 'text', pin: true },
    issuer: { as: 'text', grow: true },
    clientId: { as: 'code', label: 'Client id' },
    domains: { as: 'text', label: 'Offered to', none: 'Everybody here' },
    trustsAddresses: { as: 'boolean', label: 'Unverified addresses', hidden: true },
    since: { as: 'instant' },
  },
  actions: {
    row: [
      {
        operation: setSsoProvider,
        label: 'Change',
        icon: 'pencil',
        what: 'Accounts that are linked stay linked.',
        from: {
          providerId: 'providerId', label: 'label', issuer: 'issuer', clientId: 'clientId', domains: 'domains',
          emailClaim: 'emailClaim', trustsAddresses: 'trustsAddresses',
        },
        ask: {
          ...facts,
          clientSecret: { label: 'Client secret', as: 'secret', width: 'full', hint: 'Leave empty to keep the current one.' },
        },
      },
      {
        operation: removeSsoProvider,
        label: 'Remove',
        icon: 'trash',
        destructive: true,
        what: 'Nobody can sign in with it any more. Open sessions stay open.',
        from: { providerId: 'providerId' },
      },
    ],
  },
  empty: 'No SSO provider is set up: people sign in with e-mail and password, or with a passkey.',
}); // prettier-ignore
