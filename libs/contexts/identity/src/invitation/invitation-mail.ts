import { isRejection, nameId, RejectionError } from '@daybook/kernel';
import type { Message } from '@daybook/mail';
import { type Caller, type Injected, mailTemplateOf } from '@daybook/server';
import { JobCommands } from '@daybook/server/nest/job-commands';
import * as z from 'zod';
import { carries } from '../email-link/email-links.js';
import { invitationMail, linkTo } from '../email-link/messages.js';
import { deps } from '../injected.js';
import { invitationDays, withdrawInvitation } from './invitation.operations.js';
import { invitationsIn } from './invitation-status.js';

/** From which the mail is composed. The address is not part of it: it is read from the event, and can be erased there. */
const unsent = carries.invitation.omit({ email: true }).extend({ tenant: z.uuid() });
const templateName = 'identity.invitation';
const longestWaitHours = 48;

const needs = {
  ...deps('events', 'tenantStates', 'memberships', 'publicUrl', 'emailLinks'),
  commands: JobCommands,
};
type Needs = Injected<typeof needs>;

/** What the outbox keeps until the mail is sent. */
export const invitationToMail = (invitation: z.infer<typeof unsent>) => ({
  template: templateName,
  value: JSON.stringify(invitation),
});

/** The mail with its link; null for an invitation that is not recorded, or no longer open. */
async function invitationMailFor(value: string, needed: Needs): Promise<Message | null> {
  const { events, tenantStates, memberships, publicUrl, emailLinks } = needed;
  const { tenant, ...invitation } = unsent.parse(JSON.parse(value));
  const { invitationId, invitedBy } = invitation;
  const recorded = (await invitationsIn(events, tenant)).get(invitationId);
  if (recorded?.status !== 'sent' || recorded.email === null) return null;
  const { email, expiresAt } = recorded;
  const token = await emailLinks.make({
    purpose: 'invitation',
    holderId: invitationId,
    tenant,
    minutes: Math.floor((Date.parse(expiresAt) - Date.now()) / 60_000),
    carried: { ...invitation, email },
  });
  const state = await tenantStates.current(tenant);
  const [inviter] = await memberships.shownIn(tenant, [invitedBy]);
  const invited = { tenantName: state.tenant?.name ?? '', by: inviter?.email ?? null };
  const link = linkTo(publicUrl, 'invitation', token);
  return { to: email, about: invitationId, ...invitationMail(invited, link, invitationDays) };
}

/** An invitation whose mail cannot be sent is withdrawn, so that its list says so. */
async function withdrawUnsent(value: string, { emailLinks, commands }: Needs): Promise<void> {
  const { tenant, invitationId } = unsent.parse(JSON.parse(value));
  const caller: Caller = {
    tenant,
    actor: { kind: 'system', id: 'mail' },
    channel: 'system',
    address: null,
    correlationId: invitationId,
    reason: 'The mail could not be sent.',
  };
  const once = { commandId: nameId(invitationId, 'mail-given-up'), expectedVersion: null };
  const answer = await commands.executeAs(caller, withdrawInvitation, { invitationId }, once);
  if (isRejection(answer) && !over.has(answer.code)) throw new RejectionError(answer);
  await emailLinks.forget(invitationId);
}
const over = new Set(['identity.invitation-not-found', 'identity.invitation-closed']);

export const invitationTemplate = mailTemplateOf(
  templateName,
  longestWaitHours,
  needs,
  invitationMailFor,
  withdrawUnsent,
);
