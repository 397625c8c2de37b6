import { accept, type EventsOf, isRejection, reject, withKey, without } from '@daybook/kernel';
import { partyIn } from '../grant/party.schema.js';
import { grantGiven, grantRevoked, type grantEvents } from '../grant/grant.events.js';
import type { grantCommands } from '../grant/grant.operations.js';
import { checkGrant } from './check-grant.js';
import { lastAdmin, losesAdmin } from './last-admin.js';
import { type TenantFolds, type Grant, notFound, type TenantRules } from './tenant.state.js';

/* Grants are given and revoked, never changed. People may revoke their own grants, except the last Admin. */
export const grantRules: TenantRules<typeof grantCommands> = {
  'identity.grant.give': (input, state, context, facts) => {
    const { holder, holderId, role, companyId = null, until = null, mitigation = null } = input;
    const party = partyIn(input);
    if (isRejection(party)) return party;
    const wanted: Grant = {
      grantId: context.newId,
      holder,
      holderId,
      role,
      companyId,
      party,
      until,
      mitigation,
    };
    if (facts.giver?.id === holderId) {
      return reject('identity.grant-to-self', 'You cannot give yourself a role. Ask another Admin.', { status: 403 });
    }
    const grant = checkGrant(wanted, state, context, facts);
    return isRejection(grant) ? grant : accept(grant.grantId, 1, grantGiven.of(grant));
  },

  'identity.grant.revoke': ({ grantId, reason }, state) => {
    const grant = state.grants.get(grantId);
    if (!grant) return notFound('grant', 'identity.grant-not-found');
    const { holder, holderId, role } = grant;
    const revoked = grantRevoked.of({ grantId, holder, holderId, role, reason });
    if (losesAdmin(state, grantFolds['identity.grant-revoked'](state, revoked.data))) return lastAdmin();
    return accept(grantId, 2, revoked);
  },
};

export const grantFolds: TenantFolds<EventsOf<typeof grantEvents>> = {
  'identity.grant-given': (state, { invitedBy: _, ...grant }) => ({
    ...state,
    grants: withKey(state.grants, grant.grantId, grant),
  }),
  'identity.grant-revoked': (state, { grantId }) => ({ ...state, grants: without(state.grants, grantId) }),
};
