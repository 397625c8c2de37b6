import { type ActionDeclaration, view } from '@daybook/kernel';
import { listSsoProviders, removeSsoProvider, setSsoProvider } from './sso-provider.operations.js';

const facts: ActionDeclaration['ask'] = {
  label: { label: 'Label', required: true, width: 'full', hint: 'What the button of the sign-in page says.' },
  issuer: { label: 'Issuer', required: true, width: 'full', hint: 'https://… as the provider names it.' },
  clientId: { label: 'Client id', required: true, width: 'full' },
  domains: {
    label: 'E-mail domains',
    hint: 'One a line, as in fjord.example: who types such an address is offered it. None: everybody, as long as nobody here belongs to another tenant alone.',
  },
  emailClaim: { label: 'Claim with the address', hint: 'email, unless the provider writes it elsewhere: preferred_username or upn.' },
  trustsAddresses: {
    label: 'Addresses count unverified',
    hint: 'For Microsoft Entra and others that never say email_verified, and only where nobody chooses their own address. Counts for the domains above.',
  },
}; // prettier-ignore

export const setUpSsoProvider: ActionDeclaration = {
  operation: setSsoProvider,
  label: 'Set up a provider',
  icon: 'plus',
  title: 'Set up a sign-in provider',
  what: 'Register the redirect address of this page with the provider first. Who has linked it signs in by it.',
  fresh: 'providerId',
  ask: { ...facts, clientSecret: { label: 'Client secret', as: 'secret', width: 'full', hint: 'Kept sealed, never shown.' } },
}; // prettier-ignore

/** The providers by which people may sign in; shown on the security page. */
export const ssoProviderView = view(listSsoProviders, {
  path: 'security',
  title: 'Sign-in providers',
  one: 'provider',
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
        what: 'Who has linked it keeps the link.',
        from: {
          providerId: 'providerId', label: 'label', issuer: 'issuer', clientId: 'clientId', domains: 'domains',
          emailClaim: 'emailClaim', trustsAddresses: 'trustsAddresses',
        },
        ask: {
          ...facts,
          clientSecret: { label: 'Client secret', as: 'secret', width: 'full', hint: 'Left empty: the present one stays.' },
        },
      },
      {
        operation: removeSsoProvider,
        label: 'Remove',
        icon: 'trash',
        destructive: true,
        what: 'Nobody signs in by it any more. Sessions that are open stay.',
        from: { providerId: 'providerId' },
      },
    ],
  },
  empty: 'No provider is set up: people sign in with e-mail and password, or a passkey.',
}); // prettier-ignore
