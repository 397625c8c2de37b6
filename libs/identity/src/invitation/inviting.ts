import { type CommandResult, type InputOf, isRejection, type OutputOf, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type { Links } from '../link/links.js';
import { invitationMail, linkTo } from '../link/messages.js';
import { admitMember } from '../member/member.operations.js';
import { personByEmail } from '../person/person-by-email.js';
import type { IdentityParts } from '../room.js';
import { normalEmail } from '../session/keys.js';
import { tenantDecider } from '../tenant/tenant.decider.js';
import type { TenantState } from '../tenant/tenant.state.js';
import {
  invitationDays,
  type lookAtInvitation,
  recordInvitation,
  type sendInvitation,
  withdrawInvitation,
} from './invitation.operations.js';
import { invitedPerson } from './invited-person.js';

/** Sending an invitation: a fact of the tenant, a link, and a mail that the sender waits for. */
export class Inviting {
  constructor(
    private readonly parts: IdentityParts,
    private readonly links: Links,
  ) {}

  async send(input: InputOf<typeof sendInvitation>, asking: PerformContext): Promise<CommandResult | Rejection> {
    const { tenant, actor } = asking.caller;
    const { email: written, ...grant } = input;
    const email = normalEmail(written);
    const here = await this.parts.folds.current(tenant);
    const personId = await invitedPerson(email, tenant, this.parts);
    const admission = this.tried(admitMember.input.parse({ personId, ...grant, invitedBy: actor.id }), here, asking);
    if (isRejection(admission)) return admission;

    const invitationId = asking.newId;
    const recorded = await asking.execute(recordInvitation, { invitationId, personId, email, ...grant });
    if (isRejection(recorded)) return recorded;
    try {
      const token = await this.links.make({
        purpose: 'invitation',
        personId,
        tenant,
        minutes: invitationDays * 24 * 60,
        carried: { invitationId, email, invitedBy: actor.id, grant },
      });
      const link = linkTo(this.parts.publicUrl, 'invitation', token);
      const tenantName = here.tenant?.name ?? '';
      await this.parts.mail.send({ to: email, ...invitationMail(tenantName, link, invitationDays) });
      return recorded;
    } catch (error) {
      this.parts.logger.warn({ err: error }, 'an invitation could not be mailed');
      await asking.execute(withdrawInvitation, { invitationId });
      return reject('identity.mail-not-sent', 'The mail could not be sent, so nobody is invited. Try again later.', {
        status: 503,
        details: { retryAfterSeconds: 60 },
      });
    }
  }

  /** Would he be admitted if he accepted at once? So that who invites hears what is wrong, not who is invited. */
  private tried(input: InputOf<typeof admitMember>, here: TenantState, { caller, commandId, newId }: PerformContext) {
    return tenantDecider.decide(
      { name: 'identity.member.admit', input },
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
      { declared: this.parts.declared(), guarded: [], giver: { holder: 'person', id: caller.actor.id }, erased: false },
    );
  }

  async look(token: string): Promise<OutputOf<typeof lookAtInvitation> | Rejection> {
    const link = await this.links.look('invitation', token);
    if (isRejection(link)) return link;
    const { tenant } = await this.parts.folds.current(link.tenant);
    const { email } = link.carried;
    const known = (await personByEmail(this.parts.pool, this.parts.secret, email)) !== null;
    return { tenantName: tenant?.name ?? '', email, known };
  }
}
