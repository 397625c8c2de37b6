import {
  asOneLine,
  type CommandResult,
  type InputOf,
  isRejection,
  type OutputOf,
  type Rejection,
} from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import { formerMemberTable } from '../access/access.projection.js';
import { emailLinkInvalid } from '../email-link/email-links.js';
import { mailboxOf, tooManyMails } from '../email-link/mail-limits.js';
import { addMember } from '../member/member.internal.js';
import { personByEmail } from '../person/person-by-email.js';
import type { Deps } from '../injected.js';
import { normalEmail } from '../session/secret-sealing.js';
import { companyExists } from '../tenant/decided.js';
import { memberExists, memberDeactivatedAlready } from '../tenant/decide-member.js';
import { tenantDecider } from '../tenant/tenant.decider.js';
import type { TenantState } from '../tenant/tenant.state.js';
import { invitationToMail } from './invitation-mail.js';
import { recordInvitation } from './invitation.internal.js';
import type { previewInvitation, sendInvitation } from './invitation.operations.js';
import { invitationIds, invitationsIn, invitationStatuses } from './invitation-status.js';

/**
 * Sends an invitation: an event, and a mail with a link by the outbox. The result does not depend on whether the address has
 * an account, unless it is a member of this tenant, who is known here anyway.
 */
export class InvitationSending {
  constructor(
    private readonly deps: Deps<
      | 'bindings'
      | 'companies'
      | 'events'
      | 'tenantStates'
      | 'memberships'
      | 'em'
      | 'outbox'
      | 'read'
      | 'secret'
      | 'states'
      | 'emailLinks'
      | 'mailLimits'
    >,
  ) {}

  async send(input: InputOf<typeof sendInvitation>, asking: PerformContext): Promise<CommandResult | Rejection> {
    const { tenant, actor } = asking.caller;
    const { email: written, ...grant } = input;
    const email = normalEmail(written);
    const invitationId = asking.newId;
    const record = () => asking.execute(recordInvitation, { invitationId, email, ...grant });
    const before = await invitationsIn(this.deps.events, tenant);
    // A repeat: the mail was stored before the event, and another one would void its link.
    if (before.has(invitationId)) return record();
    const here = await this.deps.tenantStates.current(tenant);
    const member = await this.memberBy(email, tenant, here);
    if (member) return member;
    // A dry run with a placeholder: who will accept is not known yet.
    const trial = { personId: invitationId, ...grant, invitedBy: actor.id };
    const decision = await this.tryAdding(addMember.input.parse(trial), here, asking);
    if (isRejection(decision)) return decision;

    const mailbox = mailboxOf(email);
    const paused = await this.deps.mailLimits.take([
      ['to-mailbox', mailbox],
      ['to-mailbox-of-tenant', `${tenant} ${mailbox}`],
      ['invitations-of-tenant', tenant],
      ['invitations-of-person', actor.id],
    ]);
    if (paused) return tooManyMails(paused);

    const invitation = { tenant, invitationId, invitedBy: actor.id, grant };
    const recorded = await this.deps.outbox.putBefore(invitationId, invitationToMail(invitation), record);
    if (isRejection(recorded)) return recorded;
    for (const replaced of invitationIds(before, (one) => one.email === email && one.status === 'sent')) {
      await this.deps.emailLinks.forget(replaced);
    }
    return recorded;
  }

  /**
   * Refuses to invite a current or former member: an active one by the current address, a deactivated one by the address
   * that the tenant saw last.
   */
  private async memberBy(email: string, tenant: string, { members }: TenantState): Promise<Rejection | null> {
    const personId = await personByEmail(this.deps.em, this.deps.secret, email);
    const former = await this.deps.read(tenant, (read) =>
      read.db.selectFrom(read.rows(formerMemberTable).as('p')).select(['p.personId', 'p.email']).execute(),
    );
    const seen = former.find((one) => one.email !== null && normalEmail(one.email) === email)?.personId;
    const shown = personId !== null && !former.some((one) => one.personId === personId) ? personId : null;
    const status = members.get(seen ?? shown ?? '')?.status;
    if (status === 'active') return memberExists();
    return status === 'deactivated' ? memberDeactivatedAlready() : null;
  }

  /** Dry run of adding the member, so that the inviter learns what is wrong and not the invited person. */
  private async tryAdding(
    input: InputOf<typeof addMember>,
    here: TenantState,
    { caller, commandId, newId }: PerformContext,
  ) {
    return tenantDecider.decide(
      { name: 'identity.member.add', input },
      here,
      {
        now: new Date().toISOString(),
        tenant: caller.tenant,
        actor: caller.actor.id,
        commandId,
        newId,
        expectedVersion: null,
        reason: null,
      },
      {
        declared: this.deps.bindings.declared,
        guarded: [],
        giver: { holder: 'person', id: caller.actor.id },
        erased: false,
        companyExists: await companyExists(this.deps.companies, caller.tenant, input),
      },
    );
  }

  /** The verified address of the inviter, which tells two tenants with the same name apart. */
  private async addressOf(personId: string, tenant: string): Promise<string | null> {
    const [person] = await this.deps.memberships.shownIn(tenant, [personId]);
    return person?.email ?? null;
  }

  async preview(token: string): Promise<OutputOf<typeof previewInvitation> | Rejection> {
    const link = await this.deps.emailLinks.look('invitation', token);
    if (isRejection(link)) return link;
    const { email, invitationId } = link.carried;
    const status = (await this.deps.states.of(invitationStatuses).current(link.tenant)).get(invitationId);
    if (status === undefined || status === 'withdrawn') return emailLinkInvalid();
    const { tenant } = await this.deps.tenantStates.current(link.tenant);
    const known = (await personByEmail(this.deps.em, this.deps.secret, email)) !== null;
    const invitedBy = await this.addressOf(link.carried.invitedBy, link.tenant);
    return { tenantName: asOneLine(tenant?.name ?? ''), invitedBy, email, known };
  }
}
