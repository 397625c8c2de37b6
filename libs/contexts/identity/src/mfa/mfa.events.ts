import { event, personal } from '@daybook/kernel';
import * as z from 'zod';
import { credentialChange, credentialKind } from './mfa.schema.js';

/* In the person's own stream, beside their registration. Events record that a credential changed, never its value. */
const record = (data: { personId: string }) => ({ type: 'identity.person', id: data.personId });

export const credentialChanged = event('identity.credential-changed', {
  data: z.object({ personId: z.uuid(), kind: credentialKind, change: credentialChange }),
  record,
});
/** The previous name stays in the log, sealed under the same key. */
export const personRenamed = event('identity.person-renamed', {
  data: z.object({ personId: z.uuid(), name: personal(z.string(), 'personId') }),
  record,
});
export const mfaEvents = [credentialChanged, personRenamed] as const;
