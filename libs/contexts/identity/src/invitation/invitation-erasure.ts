import { type CommandResult, type InputOf, isRejection, nameId, reject, type Rejection } from '@daybook/kernel';
import type { PerformContext } from '@daybook/server';
import type { EmailLinks } from '../email-link/email-links.js';
import { eraseAlias } from '../privacy/privacy.internal.js';
import type { Deps } from '../injected.js';
import { type eraseInvitation, withdrawInvitation } from './invitation.operations.js';
import { invitationIds, invitationsIn } from './invitation-status.js';

const missing = (): Rejection =>
  reject('identity.invitation-not-found', 'There is no such invitation.', { status: 404 });
const accepted = (): Rejection =>
  reject(
    'identity.invitation-accepted',
    'This invitation was accepted. Erase the person instead; that erases it too.',
    {
      details: { before: 'identity.person.erase' },
    },
  );

/** Erases everything the tenant keeps of an address whose invitations were not accepted. A retry does the rest. */
export async function eraseInvitedAddress(
  { invitationId, reason }: InputOf<typeof eraseInvitation>,
  asking: PerformContext,
  deps: Deps<'events' | 'read' | 'mail' | 'personalData'> & { readonly links: EmailLinks },
): Promise<CommandResult | Rejection> {
  const { tenant } = asking.caller;
  const all = await invitationsIn(deps.events, tenant);
  const one = all.get(invitationId);
  if (!one) return missing();
  if (one.personId !== null) return accepted();
  const { email } = one;
  const alike = invitationIds(all, (other) => other.email === email && other.personId === null);
  const ids = new Set(email === null ? [] : alike);
  for (const { aliases } of deps.personalData.all) {
    if (email === null || !aliases) continue;
    for (const id of await deps.read(tenant, (read) => aliases(tenant, [email], read))) ids.add(id);
  }
  ids.delete(invitationId);
  let erased: CommandResult | Rejection | null = null;
  // The requested one is erased last: while its address can be read, a retry finds the others.
  for (const id of [...ids, invitationId]) {
    const step = (name: string) => ({ commandId: nameId(asking.commandId, name, id), expectedVersion: null });
    if (all.get(id)?.status === 'sent') {
      const withdrawn = await asking.executeAs(
        asking.caller,
        withdrawInvitation,
        { invitationId: id },
        step('withdraw'),
      );
      if (isRejection(withdrawn) && withdrawn.code !== 'identity.invitation-closed') return withdrawn;
    }
    await deps.links.forget(id);
    await deps.mail.forget(id);
    erased = await asking.executeAs(asking.caller, eraseAlias, { subject: id, reason }, step('erase'));
    if (isRejection(erased)) return erased;
  }
  return erased ?? missing();
}
