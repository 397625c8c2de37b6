import { command, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { setSsoProvider, ssoProviderApprovable, ssoProviderSettings as settings } from './sso-provider.operations.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
const { providerId } = setSsoProvider.input.shape;
const basedOn = { version: z.int().describe('The version of the provider that this changes; 0 for a new one') };

/** Applies the settings. Where a rule asks for approval, this is the command that waits; the secret is not part of it. */
export const applySsoProvider = command('identity.sso-provider.apply', {
  title: setSsoProvider.title,
  http: 'POST /v1/identity/sso-providers/{providerId}/settings',
  permission: setSsoProvider.permission,
  sensitive: true,
  says: 'set up the SSO provider {label}',
  approvable: ssoProviderApprovable,
  input: z.object({
    providerId,
    ...settings,
    draftId: z.uuid().describe('The id under which the client secret is kept'),
    ...basedOn,
  }),
});
export const settingSteps = [applySsoProvider] as const;
export const recordSsoProvider = command('identity.sso-provider.record', {
  title: 'Record an SSO provider',
  http: 'POST /v1/identity/sso-providers/{providerId}/record',
  says: 'set up the SSO provider {label}',
  input: z.object({ providerId, ...settings, ...basedOn }),
});

export const retireSsoProvider = command('identity.sso-provider.retire', {
  title: 'Record that an SSO provider is removed',
  http: 'POST /v1/identity/sso-providers/{providerId}/retirement',
  says: 'removed the SSO provider {label}',
  input: z.object({ providerId }),
});

export const ssoProviderSteps = [recordSsoProvider, retireSsoProvider] as const;
export type SsoProviderCommand = CommandOf<(typeof ssoProviderSteps)[number]>;
