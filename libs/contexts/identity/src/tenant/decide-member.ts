import { accept, decideRecord, type EventsOf, foldsInto, isRejection, nameId, reject, withKey } from '@daybook/kernel';
import { partyIn } from '../grant/party.schema.js';
import { grantGiven } from '../grant/grant.events.js';
import {
  memberAdded,
  memberChanged,
  memberDeactivated,
  memberEvents,
  memberReactivated,
} from '../member/member.events.js';
import { changeMember, deactivateMember, type memberCommands, reactivateMember } from '../member/member.operations.js';
import { member } from '../member/member.record.js';
import type { memberSteps } from '../member/member.internal.js';
import { sendInvitation } from '../invitation/invitation.operations.js';
import { isOwn } from '../roles.js';
import { escalationRefused, firstEscalationOfHolder, giverHolds } from './escalation-guard.js';
import { checkGrant } from './check-grant.js';
import { lastAdmin, losesAdmin } from './last-admin.js';
import type { TenantEvent } from './tenant.stream.js';
import { type TenantFolds, type Grant, type TenantRules, type TenantState } from './tenant.state.js';

/*
 * Members. A new member gets their first grant at the same time, under the same rules as any grant; the inviter must
 * still be allowed to give it. A deactivated member keeps their grants, which give no rights.
 */
export const memberExists = () =>
  reject('identity.member-exists', 'This person is already a member. Give them a role instead.');
export const memberDeactivatedAlready = () =>
  reject('identity.member-deactivated', 'This person is a deactivated member. Reactivate them instead.');
const personErased = () =>
  reject(
    'identity.person-erased',
    'This person was erased in this tenant. Invite them by an e-mail address that has no account yet.',
  );

export const memberRules: TenantRules<readonly [...typeof memberSteps, ...typeof memberCommands]> = {
  'identity.member.add': (input, state, context, facts) => {
    const { personId, invitedBy = null, invitationId = null } = input;
    const known = state.members.get(personId);
    if (known) {
      return known.status === 'active' ? memberExists() : memberDeactivatedAlready();
    }
    if (facts.erased) return personErased();
    const admitted = memberAdded.of({ personId, invitedBy, invitationId });
    let next: TenantState = memberFolds['identity.member-added'](state, admitted.data);
    const giver = invitedBy === null ? null : ({ holder: 'person', id: invitedBy } as const);
    if (!giverHolds(sendInvitation.permission ?? '', state, context.now.slice(0, 10), { ...facts, giver })) {
      return reject(
        'identity.inviter-not-permitted',
        'The person who sent this invitation may no longer invite anybody. Ask for a new invitation.',
      );
    }
    const party = partyIn(input);
    if (isRejection(party)) return party;
    const wanted = [
      { role: input.role, companyId: input.companyId ?? null, party, until: input.until ?? null },
      ...input.also.map((role) => ({ role, companyId: null, party: null, until: null })),
    ];
    const given: ReturnType<typeof grantGiven.of>[] = [];
    for (const [index, one] of wanted.entries()) {
      const grantId = nameId(context.newId, 'grant', String(index));
      const mitigation = input.mitigation ?? null;
      const grant: Grant = { grantId, holder: 'person', holderId: personId, ...one, mitigation };
      const checked = checkGrant(grant, next, context, { ...facts, giver });
      if (isRejection(checked)) return checked;
      given.push(grantGiven.of({ ...checked, ...(invitedBy === null ? {} : { invitedBy }) }));
      next = { ...next, grants: withKey(next.grants, grantId, checked) };
    }
    return accept<TenantEvent>(personId, 1, admitted, ...given);
  },

  'identity.member.record-deactivation': (input, state, context) =>
    decideRecord(deactivateMember, memberEvents, memberIn(state, input), input, context, () => {
      const deactivated = memberDeactivated.of(input);
      const after = memberFolds['identity.member-deactivated'](state, deactivated.data);
      return losesAdmin(state, after) ? lastAdmin() : deactivated;
    }),

  'identity.member.change': (input, state, context) =>
    decideRecord(changeMember, memberEvents, memberIn(state, input), input, context, memberChanged.of),

  'identity.member.reactivate': (input, state, context, facts) =>
    decideRecord(reactivateMember, memberEvents, memberIn(state, input), input, context, () => {
      if (facts.erased) return personErased();
      // Their grants become effective again, so they are checked as if they were given now.
      const today = context.now.slice(0, 10);
      const missing = firstEscalationOfHolder(input.personId, (one) => !isOwn(one), state, today, facts);
      return missing === null ? memberReactivated.of(input) : escalationRefused(missing);
    }),
};

export const memberFolds: TenantFolds<EventsOf<typeof memberEvents>> = foldsInto(member, 'members', memberEvents);
const memberIn = ({ members }: TenantState, { personId }: { personId: string }) => members.get(personId) ?? null;
