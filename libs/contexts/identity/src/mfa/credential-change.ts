import { randomUUID } from 'node:crypto';
import { inSchemaScope } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Notice } from '../email-link/messages.js';
import type { Notices } from '../email-link/notices.js';
import { type RequestContext, runForPerson } from '../session/internal-commands.js';
import { type CredentialChangeRow, CredentialChangeEntity } from './mfa.entities.js';
import { recordCredential } from './mfa.internal.js';
import type { CredentialChange, CredentialKind } from './mfa.schema.js';
import type { Deps } from '../injected.js';

/** The changes that a person is told by mail (ASVS 6.3.7). */
const noticeOf: { readonly [Of in `${CredentialKind} ${CredentialChange}`]?: Notice } = {
  'password changed': 'password-changed',
  'totp added': 'mfa-method-added',
  'totp removed': 'mfa-method-removed',
  'passkey added': 'mfa-method-added',
  'passkey removed': 'mfa-method-removed',
  'recovery-codes changed': 'recovery-codes',
  'sso-account added': 'sso-account-linked',
  'sso-account removed': 'sso-account-unlinked',
};

/** Notes that a credential changed, in the transaction that changes it: which kind, never its value. */
export async function noteChange(
  em: EntityManager,
  personId: string,
  kind: CredentialKind,
  change: CredentialChange,
): Promise<void> {
  await em.insert(CredentialChangeEntity, { id: randomUUID(), personId, kind, change });
}

/**
 * Records noted changes as events in the person's own stream, and tells the person. A note is deleted last and names the
 * command, so what an outage or a crash left is recorded once, by a retry or at the person's next sign-in.
 */
export class CredentialChanges {
  constructor(private readonly deps: Deps<'em'> & { readonly notices: Pick<Notices, 'tell'> }) {}

  /** The changes of this person that were recorded now, by this request or left by an earlier one. */
  async record(personId: string, asking: RequestContext): Promise<readonly CredentialChangeRow[]> {
    const noted = await this.rows((em) =>
      em.find(CredentialChangeEntity, { personId }, { orderBy: { at: 'asc', id: 'asc' } }),
    );
    for (const { id, kind, change } of noted) {
      await runForPerson({ ...asking, commandId: id }, personId, recordCredential, { personId, kind, change });
      const notice = noticeOf[`${kind} ${change}`];
      if (notice) await this.deps.notices.tell(personId, notice);
      await this.rows((em) => em.nativeDelete(CredentialChangeEntity, { id }));
    }
    return noted;
  }

  private rows<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return inSchemaScope(this.deps.em, 'identity', work);
  }
}
