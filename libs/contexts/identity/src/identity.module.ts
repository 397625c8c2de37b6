import type { Operation } from '@daybook/kernel';
import { type Authenticator, type Context, context, type Resources } from '@daybook/server';
import { RightsAuthenticator } from './access/authenticator.js';
import { AccessFolds } from './access/folds.js';
import { Memberships } from './access/memberships.js';
import { OneQuestion } from './access/one-question.js';
import { type Told, toldTo } from './access/told.js';
import { tokenSource } from './access/token-source.js';
import { factorRoom } from './factor/factor.room.js';
import { Factors } from './factor/factors.js';
import { conflictRoom } from './conflict/conflict.room.js';
import { invitationRoom } from './invitation/invitation.room.js';
import { linkRoom } from './link/link.room.js';
import { Notices } from './link/notices.js';
import { Outbox } from './link/outbox.js';
import { passwordResetFor } from './link/password-reset.js';
import { grantRoom } from './grant/grant.room.js';
import { ApiKeys } from './key/api-keys.js';
import { keyRoom } from './key/key.room.js';
import { keySource } from './key/key-source.js';
import { memberRoom } from './member/member.room.js';
import { personRoom } from './person/person.room.js';
import { identityData } from './privacy/identity-data.js';
import { privacyRoom } from './privacy/privacy.room.js';
import { providerRoom } from './provider/provider.room.js';
import { reviewRoom } from './review/review.room.js';
import { roleRoom } from './role/role.room.js';
import { type IdentityParts, joined } from './room.js';
import { Admission } from './session/admission.js';
import { SessionCheck } from './session/session-rows.js';
import { sessionRoom } from './session/session.room.js';
import { SigningKeys } from './session/signing-keys.js';
import { supportRoom } from './support/support.room.js';
import { supportSource } from './support/support-source.js';
import { tenantRoom } from './tenant/tenant.room.js';

/** `declared`: the permissions of all operations, of all contexts; roles are made of them. Both lists are filled once. */
export function identity(
  resources: Resources,
  declared: () => readonly string[],
  operations: () => readonly Operation[],
  contexts: () => readonly Context[],
): { context: Context; authenticator: Authenticator } & Told {
  const together = resources.eventsInDatabase ? new OneQuestion(resources.pool) : null;
  const folds = new AccessFolds({
    events: resources.events,
    lastRevisions: together?.revisions ?? resources.lastRevisions,
    logWentBack: resources.logWentBack,
  });
  const basic = {
    ...resources,
    declared,
    operations,
    folds,
    memberships: new Memberships(resources.read, folds, declared),
    keys: new SigningKeys(resources.pool, resources.secret),
    sessions: new SessionCheck(resources.pool, together?.openSessions),
    factors: new Factors(resources),
  };
  const outbox = new Outbox(resources, (email) => passwordResetFor(email, basic));
  const parts: IdentityParts = { ...basic, outbox, admission: new Admission({ ...basic, outbox }) };
  const apiKeys = new ApiKeys(resources.pool);
  // Each knows its own kind by its form; the last takes whatever no other knows.
  const sources = [
    keySource(apiKeys),
    supportSource(parts.keys, parts.sessions),
    tokenSource(parts.keys, parts.sessions),
  ];
  const authenticator = new RightsAuthenticator(sources, folds, parts.keys, declared);
  const rooms = joined([
    tenantRoom(parts),
    memberRoom(parts),
    grantRoom(parts),
    roleRoom(parts),
    conflictRoom(parts),
    keyRoom(parts, apiKeys),
    supportRoom(parts),
    reviewRoom(parts, apiKeys),
    personRoom(parts),
    sessionRoom(parts),
    factorRoom(parts),
    invitationRoom(parts, contexts),
    linkRoom(parts),
    providerRoom(parts),
    privacyRoom(parts, contexts),
  ]);
  return {
    authenticator,
    ...toldTo(authenticator, parts),
    context: context({
      name: 'identity',
      title: 'People and access',
      ...rooms,
      personalData: identityData(parts, contexts),
      // Some of what a person does to his own account he is told by mail.
      bindings: new Notices(parts).withNotices(rooms.bindings),
    }),
  };
}
