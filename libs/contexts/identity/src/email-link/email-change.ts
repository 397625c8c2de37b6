import { reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import { takeEmail } from '../person/person-by-email.js';
import { platformTenant } from '../person/person.events.js';
import type { Deps } from '../injected.js';
import { normalEmail } from '../session/secret-sealing.js';
import { runForPerson } from '../session/internal-commands.js';
import { changeEmail } from '../person/person.internal.js';
import { emailChangeMinutes } from './email-link.operations.js';
import { emailLinkInvalid } from './email-links.js';
import { mailboxOf, tooManyMails } from './mail-limits.js';
import { emailChangeMail, linkTo } from './messages.js';

/** The owner of the new address confirms the change; the owner of the old one is told before and after. */
export class EmailChange {
  constructor(
    private readonly deps: Deps<'outbox' | 'em' | 'publicUrl' | 'secret' | 'emailLinks' | 'mailLimits' | 'notices'>,
  ) {}

  /** The answer is the same for an address that belongs to somebody else; only its owner learns that, by the link. */
  async ask(personId: string, input: { email: string }): Promise<{ requested: true } | Rejection> {
    const email = normalEmail(input.email);
    const present = await this.deps.notices.emailOf(personId);
    if (present !== null && normalEmail(present) === email) {
      const message = 'This is already your address.';
      return reject('identity.email-unchanged', message, {
        errors: [{ pointer: '/email', code: 'unchanged', message }],
      });
    }
    const paused = await this.deps.mailLimits.take([
      ['address-changes-of-person', personId],
      ['to-mailbox', mailboxOf(email)],
    ]);
    if (paused) return tooManyMails(paused);
    const token = await this.deps.emailLinks.make({
      purpose: 'email',
      holderId: personId,
      tenant: platformTenant,
      minutes: emailChangeMinutes,
      carried: { email },
    });
    const link = linkTo(this.deps.publicUrl, 'email', token);
    await this.deps.outbox.put({
      message: { to: email, about: personId, ...emailChangeMail(link, emailChangeMinutes) },
    });
    if (present !== null) await this.deps.notices.tellAt(present, personId, 'email-asked');
    return { requested: true };
  }

  confirm(token: string, asking: PerformContext): Promise<{ changed: true } | Rejection> {
    return this.deps.emailLinks.spend('email', token, async ({ holderId: personId, carried: { email } }) => {
      const { em, secret } = this.deps;
      const before = await this.deps.notices.emailOf(personId);
      if (before === null) return emailLinkInvalid();
      if (!(await takeEmail(em, secret, personId, email))) return emailTaken();
      try {
        await runForPerson(asking, personId, changeEmail, { personId, email });
      } catch (error) {
        await takeEmail(em, secret, personId, before);
        throw error;
      }
      // A password-reset link may still be in the mailbox of the old address.
      await this.deps.emailLinks.forget(personId, ['password']);
      await this.deps.notices.tellAt(before, personId, 'email-changed');
      return { changed: true as const };
    });
  }
}

const emailTaken = (): Rejection =>
  reject(
    'identity.email-exists',
    'You cannot take this address: another account signs in with it. Choose another one.',
  );
