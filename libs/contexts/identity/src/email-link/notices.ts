import type { Deps } from '../injected.js';
import { type Notice, noticeMail } from './messages.js';

/** Notifies people by mail of changes to their accounts. Stored in the outbox before the answer, and sent after it. */
export class Notices {
  constructor(private readonly deps: Deps<'memberships' | 'outbox'>) {}

  async tell(personId: string, notice: Notice): Promise<void> {
    const email = await this.emailOf(personId);
    if (email !== null) await this.tellAt(email, personId, notice);
  }

  tellAt(email: string, personId: string, notice: Notice): Promise<void> {
    return this.deps.outbox.put({ message: { to: email, about: personId, ...noticeMail(notice) } });
  }

  /** null once the person is erased. */
  async emailOf(personId: string): Promise<string | null> {
    const [person] = await this.deps.memberships.people([personId]);
    return person?.email ?? null;
  }
}
