import { isRejection } from '@daybook/kernel';
import type { Context, PerformContext } from '@daybook/server';
import type { Deps } from '../injected.js';
import { type Notice, noticeMail } from './messages.js';

/** The commands after which a person gets a notice by mail (ASVS 6.3.7). */
const afterOwn: Readonly<Record<string, Notice>> = {
  'identity.password.change': 'password-changed',
  'identity.own-totp.confirm': 'mfa-method-added',
  'identity.own-totp.remove': 'mfa-method-removed',
  'identity.own-recovery-codes.generate': 'recovery-codes',
  'identity.own-passkey.add': 'mfa-method-added',
  'identity.own-passkey.remove': 'mfa-method-removed',
  'identity.own-sso-account.unlink': 'sso-account-unlinked',
};

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

/** Wraps the bindings of the commands above, so that the person is notified once they succeed. */
export const withNotices = (bindings: Context['bindings']): Context['bindings'] =>
  bindings.map((binding) => {
    const notice = binding.kind === 'perform' ? afterOwn[binding.operation.name] : undefined;
    if (binding.kind !== 'perform' || notice === undefined) return binding;
    const perform = async (input: never, context: PerformContext, injected: { readonly notices: Notices }) => {
      const answer = await binding.perform(input, context, injected as unknown as never);
      if (!isRejection(answer)) await injected.notices.tell(context.caller.actor.id, notice);
      return answer;
    };
    return { ...binding, inject: { ...binding.inject, notices: Notices }, perform };
  });
