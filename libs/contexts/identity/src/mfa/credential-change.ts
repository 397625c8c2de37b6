import { type RequestContext, runForPerson } from '../session/internal-commands.js';
import { recordCredential } from './mfa.internal.js';
import type { CredentialChange, CredentialKind } from './mfa.schema.js';

/** Records that a credential of a person changed: which kind, never its value. */
export const recordCredentialChange = (
  asking: RequestContext,
  personId: string,
  kind: CredentialKind,
  change: CredentialChange,
): Promise<void> => runForPerson(asking, personId, recordCredential, { personId, kind, change });
