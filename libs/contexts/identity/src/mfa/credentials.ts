import { type Asking, stepOfPerson } from '../session/steps.js';
import { recordCredential } from './mfa.operations.js';
import type { CredentialChange, CredentialKind } from './mfa.schema.js';

/** Every change of what a person proves himself with stands in his own record: what, never with which value. */
export const credentialStep = (
  asking: Asking,
  personId: string,
  kind: CredentialKind,
  change: CredentialChange,
): Promise<void> => stepOfPerson(asking, personId, recordCredential, { personId, kind, change });
