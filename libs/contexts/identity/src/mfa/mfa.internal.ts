import { command, oneLine, type CommandOf } from '@daybook/kernel';
import * as z from 'zod';
import { credentialKind, credentialChange } from './mfa.schema.js';

/* Steps that only the product itself takes. Their routes are names, and never served. */
export const recordCredential = command('identity.credential.record', {
  title: 'Record a change of a way to sign in',
  http: 'POST /v1/identity/people/{personId}/credentials',
  says: '{change} a way to sign in: {kind}',
  input: z.object({ personId: z.uuid(), kind: credentialKind, change: credentialChange }),
});
export const renamePerson = command('identity.person.rename', {
  title: 'Change the name of a person',
  http: 'PUT /v1/identity/people/{personId}/name',
  says: 'changed the name',
  input: z.object({ personId: z.uuid(), name: oneLine(200) }),
});
export const mfaSteps = [recordCredential, renamePerson] as const;
export type MfaCommand = CommandOf<(typeof mfaSteps)[number]>;
