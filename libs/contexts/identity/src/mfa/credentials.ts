import { type RequestContext, runForPerson } from '../session/internal-commands.js';
import { recordCredential } from './mfa.operations.js';
import type { CredentialChange, CredentialKind } from './mfa.schema.js';

/** Every change of what a person proves himself with stands in his own record: what, never with which value. */
export const credentialStep = (
  asking: RequestContext,
  personId: string,
  kind: CredentialKind,
  change: CredentialChange,
): Promise<void> => runForPerson(asking, personId, recordCredential, { personId, kind, change });
