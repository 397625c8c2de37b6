import { isRejection, reject, type Rejection } from '@daybook/kernel';
import type { Message } from '@daybook/mail';
import { mailTemplateOf, networkOf, type PerformContext } from '@daybook/server';
import { personByEmail } from '../person/person-by-email.js';
import { platformTenant } from '../person/person.events.js';
import { type Deps, deps } from '../injected.js';
import { recordEnds } from '../session/session-ending.js';
import { normalEmail, throttleKey } from '../session/secret-sealing.js';
import { passwordProblem } from '../session/password-rules.js';
import { maxAttempts } from '../session/login-throttle.js';
import { resetMinutes } from './email-link.operations.js';
import { mailboxOf, type Paused, tooManyMails } from './mail-limits.js';
import { linkTo, passwordResetMail } from './messages.js';

/** The same answer for known and unknown addresses. A limit of its own, so that requests never pause a sign-in. */
function tooManyLinks(paused: Paused): Rejection {
  const { message, details } = tooManyMails(paused);
  return reject('identity.too-many-attempts', message, { status: 429, details });
}

type ResetMailDeps = 'em' | 'secret' | 'memberships' | 'publicUrl' | 'emailLinks';

/** The mail with a password-reset link; null for an address that nobody signs in with. */
async function passwordResetFor(
  email: string,
  { em, secret, memberships, publicUrl, emailLinks }: Deps<ResetMailDeps>,
): Promise<Message | null> {
  const personId = await personByEmail(em, secret, email);
  // To the stored address, not the typed one: the look-up may treat two addresses as equal that are different mailboxes.
  const [person] = personId === null ? [] : await memberships.people([personId]);
  if (personId === null || !person?.email) return null;
  const wanted = {
    purpose: 'password',
    holderId: personId,
    tenant: platformTenant,
    minutes: resetMinutes,
    carried: {},
  } as const;
  const link = linkTo(publicUrl, 'password/new', await emailLinks.make(wanted));
  return { to: person.email, about: personId, ...passwordResetMail(link, resetMinutes) };
}

const passwordResetMailName = 'identity.password-reset';
export const passwordResetTemplate = mailTemplateOf(
  passwordResetMailName,
  resetMinutes / 60,
  deps('em', 'secret', 'memberships', 'publicUrl', 'emailLinks'),
  passwordResetFor,
);

/** Password reset by an e-mail link. Second factors stay as they are. */
export class PasswordReset {
  constructor(
    private readonly deps: Deps<
      | 'memberships'
      | 'outbox'
      | 'secret'
      | 'credentialChanges'
      | 'emailLinks'
      | 'mailLimits'
      | 'passwords'
      | 'loginThrottle'
    >,
  ) {}

  /** Looks nothing up before the answer, so that neither text nor timing reveals whether the address is known. */
  async ask(input: { email: string }, { caller }: PerformContext): Promise<{ requested: true } | Rejection> {
    const email = normalEmail(input.email);
    const paused = await this.deps.mailLimits.take([
      ['resets-of-mailbox', mailboxOf(email)],
      ['resets-from-network', networkOf(caller.address) || 'none'],
    ]);
    if (paused) return tooManyLinks(paused);
    await this.deps.outbox.put({ template: passwordResetMailName, value: email });
    return { requested: true };
  }

  async finish(
    { token, password }: { token: string; password: string },
    asking: PerformContext,
  ): Promise<{ changed: true } | Rejection> {
    const link = await this.deps.emailLinks.look('password', token);
    if (isRejection(link)) return link;
    const { holderId: personId } = link;
    const [person] = await this.deps.memberships.people([personId]);
    const tenants = (await this.deps.memberships.of(personId)).map(({ tenant }) => tenant.name);
    const wrong = await passwordProblem(password, {
      email: person?.email ?? null,
      name: person?.name ?? null,
      tenants,
    });
    if (wrong) return reject('identity.password-weak', wrong.message, { errors: [wrong] });
    return this.deps.emailLinks.spend('password', token, async () => {
      const ended = await this.deps.passwords.change(personId, password, { reason: 'password-reset', link: token });
      await this.deps.credentialChanges.record(personId, asking);
      await recordEnds(asking, ended, 'password-reset');
      await this.freeSignIn(personId, person?.email ?? null);
      return { changed: true as const };
    });
  }

  /** Lifts the login throttle: its failed attempts were at the old password. */
  private freeSignIn(personId: string, email: string | null): Promise<void> {
    const keyed = [['person', personId] as const, ...(email === null ? [] : [['email', normalEmail(email)] as const])];
    return this.deps.loginThrottle.forget(
      keyed.map(([kind, value]) => ({ key: throttleKey(this.deps.secret, kind, value), most: maxAttempts })),
    );
  }
}
