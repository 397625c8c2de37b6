import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type CallOf,
  type CommandOperation,
  type FieldError,
  isRejection,
  nameId,
  reject,
  type Rejection,
} from '@daybook/kernel';
import { isOnlyVouchedFor, type PerformContext } from '@daybook/server';
import { type EmailLink, emailLinkInvalid } from '../email-link/email-links.js';
import { addMember } from '../member/member.internal.js';
import { isErased } from '../person/erased.js';
import { isTaken, personByEmail } from '../person/person-by-email.js';
import { personIdOf } from '../person/person.part.js';
import { isErasedIn } from '../privacy/tenant-memberships.js';
import { platformTenant } from '../person/person.events.js';
import { joinTenant, registerPerson } from '../person/person.internal.js';
import type { Deps } from '../injected.js';
import { normalEmail, throttleKey } from '../session/secret-sealing.js';
import { credentialProofRequired } from '../session/credential-proof.js';
import { passwordProblem } from '../session/password-rules.js';
import type { OpenedSession } from '../session/session.operations.js';
import { callerAs } from '../session/internal-commands.js';
import { maxAttempts } from '../session/login-throttle.js';
import { type acceptInvitation } from './invitation.operations.js';
import { completeInvitation } from './invitation.internal.js';

type Invited = EmailLink<'invitation'>;
type Input = CallOf<typeof acceptInvitation>;
interface Accepted {
  readonly accepted: true;
  readonly session: OpenedSession | null;
}

/** Rejections that mean a step was done by an earlier attempt, which is continued. */
const done = new Set(['identity.person-exists', 'identity.member-exists', 'identity.tenant-joined']);

const longestWaitMs = 5_000;
const stepMs = 25;

const signInNeeded = (): Rejection =>
  reject('identity.sign-in-required', 'You have an account already. To accept, give its password or sign in first.', {
    status: 401,
  });
const passwordWrong = (): Rejection =>
  reject('identity.sign-in-failed', 'This is not the password of your account.', {
    status: 401,
    errors: [{ pointer: '/password', code: 'invalid', message: 'This is not the password of your account.' }],
  });
const forSomebodyElse = (): Rejection =>
  reject(
    'identity.invitation-not-yours',
    'This invitation is for another person. Sign out, then open the link again.',
    {
      status: 403,
    },
  );
const notBack = (): Rejection =>
  reject(
    'identity.membership-ended',
    'Your membership here was deactivated, so you cannot accept an invitation. Ask an administrator to reactivate you.',
    { status: 409 },
  );
const missing = (pointer: string): FieldError => ({ pointer, code: 'required', message: 'This is required.' });
const incomplete = (errors: FieldError[]): Rejection =>
  reject('identity.account-incomplete', 'A new account needs a name and a password.', { status: 400, errors });

/** Accepts an invitation: makes the person a member and opens a session, with a new account where needed. */
export class InvitationAcceptance {
  constructor(
    private readonly deps: Deps<
      | 'signInCompletion'
      | 'events'
      | 'tenantStates'
      | 'memberships'
      | 'em'
      | 'secret'
      | 'emailLinks'
      | 'passwords'
      | 'loginThrottle'
    >,
  ) {}

  async accept(input: Input, asking: PerformContext): Promise<Accepted | Rejection> {
    const { emailLinks } = this.deps;
    const link = await emailLinks.look('invitation', input.token);
    if (isRejection(link)) return link;
    const known = await this.known(link);
    const signedIn = asking.caller.actor.id !== 'anonymous';
    const unproven =
      known === null ? await this.checkNew(input, link, signedIn) : await this.prove(known, input, asking);
    if (unproven) return unproven;
    const ended = known !== null && (await this.endedHere(known, link.tenant));
    if (ended) return notBack();

    const personId = await emailLinks.spend('invitation', input.token, async (spent) =>
      known === null ? this.addNewPerson(spent, input, asking) : this.addPerson(spent, known, asking),
    );
    if (isRejection(personId)) return personId;
    if (signedIn) return { accepted: true, session: null };
    await this.shown(personId, link.tenant);
    const session = await this.deps.signInCompletion.complete(
      { personId, tenant: link.tenant, methods: ['password'] },
      asking,
    );
    return isRejection(session) ? session : { accepted: true, session };
  }

  /** Waits until the read models show the membership, with a time limit well above their usual lag. */
  private async shown(personId: string, tenant: string): Promise<void> {
    for (let waited = 0; waited < longestWaitMs; waited += stepMs) {
      const memberships = await this.deps.memberships.of(personId);
      const [person] = await this.deps.memberships.people([personId]);
      if (person && memberships.some((one) => one.tenant.id === tenant)) return;
      await sleep(stepMs);
    }
  }

  /** Told to the person only, so that the inviter does not learn whether there is an account. */
  private async endedHere(personId: string, tenant: string): Promise<boolean> {
    const { members } = await this.deps.tenantStates.current(tenant);
    return members.get(personId)?.status === 'deactivated' || (await isErasedIn(this.deps, tenant, personId));
  }

  /** The person who now signs in with the address, or null. */
  known({ carried }: Invited): Promise<string | null> {
    return personByEmail(this.deps.em, this.deps.secret, carried.email);
  }

  /** A person with an account proves that it is theirs: the link only proves that they read the mail. */
  private async prove(personId: string, input: Input, { caller }: PerformContext): Promise<Rejection | null> {
    if (caller.actor.id !== 'anonymous') {
      const isInvited = caller.actor.kind === 'person' && caller.actor.id === personId && !caller.onBehalfOf;
      if (!isInvited) return forSomebodyElse();
      // The operator of one tenant's SSO provider must not accept for its members in another tenant.
      return isOnlyVouchedFor(caller) ? credentialProofRequired() : null;
    }
    if (input.password === undefined) return signInNeeded();
    const keys = [{ key: throttleKey(this.deps.secret, 'person', personId), most: maxAttempts }];
    const paused = await this.deps.loginThrottle.take(keys);
    if (paused) return paused;
    if ((await this.deps.passwords.checkOf(personId, input.password)) === null) return passwordWrong();
    await this.deps.loginThrottle.forget(keys);
    return null;
  }

  private async checkNew(input: Input, { carried, tenant }: Invited, signedIn: boolean): Promise<Rejection | null> {
    if (signedIn) return forSomebodyElse();
    const { name, password } = input;
    const absent = [...(name === undefined ? ['/name'] : []), ...(password === undefined ? ['/password'] : [])];
    if (name === undefined || password === undefined) return incomplete(absent.map(missing));
    const tenants = [(await this.deps.tenantStates.current(tenant)).tenant?.name ?? ''];
    const wrong = await passwordProblem(password, { email: carried.email, name, tenants });
    return wrong && reject('identity.password-weak', wrong.message, { errors: [wrong] });
  }

  /**
   * The id is derived from the address, so that a retry after a crash continues as the same person. It is derived from the
   * invitation if that id belongs to somebody who had the address before, or was erased.
   */
  private async newPerson(email: string, invitationId: string): Promise<string> {
    const first = personIdOf(this.deps.secret, email);
    const taken = (await this.deps.passwords.has(first)) || (await isErased(this.deps.events, first));
    return taken ? nameId(invitationId, 'person') : first;
  }

  private async addNewPerson(link: Invited, input: Input, asking: PerformContext): Promise<string | Rejection> {
    const { carried } = link;
    const { name = '', password = '' } = input;
    const email = normalEmail(carried.email);
    const personId = await this.newPerson(email, carried.invitationId);
    const run = this.steps(personId, asking);
    // First, so that a withdrawn invitation creates no account. Idempotent.
    const { invitationId } = carried;
    const refused =
      (await run(completeInvitation, { invitationId, personId }, link.tenant)) ??
      (await run(registerPerson, { personId, name, email }, platformTenant));
    if (refused) return refused;
    // Takes the address for the person; fails if it is somebody else's by now.
    try {
      await this.deps.passwords.set(personId, email, password);
    } catch (error) {
      if (isTaken(error)) return emailLinkInvalid();
      throw error;
    }
    return this.addPerson(link, personId, asking);
  }

  private async addPerson(link: Invited, personId: string, asking: PerformContext): Promise<string | Rejection> {
    const { tenant, carried } = link;
    const { invitationId, invitedBy, grant } = carried;
    const run = this.steps(personId, asking);
    return (
      (await run(completeInvitation, { invitationId, personId }, tenant)) ??
      (await run(addMember, { personId, ...grant, invitedBy, invitationId }, tenant)) ??
      (await run(joinTenant, { personId, tenantId: tenant }, platformTenant)) ??
      personId
    );
  }

  /** Runs each step with the person as the actor, in the tenant of its stream; null on success. */
  private steps(personId: string, asking: PerformContext) {
    return async <O extends CommandOperation>(
      operation: O,
      input: CallOf<O>,
      tenant: string,
    ): Promise<Rejection | null> => {
      const caller = callerAs(asking, { kind: 'person', id: personId }, tenant);
      const options = { commandId: randomUUID(), expectedVersion: null };
      const outcome = await asking.executeAs(caller, operation, input, options);
      return isRejection(outcome) && !done.has(outcome.code) ? outcome : null;
    };
  }
}
