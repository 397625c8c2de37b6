import { type DecideContext, reject, type Rejection, sameParty } from '@daybook/kernel';
import { sodViolated } from '../segregation-of-duties/sod-violated.js';
import { holdsOn, isMitigated, sodViolationsAmong } from '../segregation-of-duties/sod-violations.js';
import { roleFields, rolePermissions } from '../role/role-permissions.js';
import { isBuiltIn, isOwn } from '../roles.js';
import { escalationRefused, firstEscalation } from './escalation-guard.js';
import { holderRejection } from './holders.js';
import type { Grant, TenantFacts, TenantState } from './tenant.state.js';

/** Permissions that can be limited to one customer or supplier. */
const partyPermissions = ['accounting.subledger-line.read'];

/** The grant as it may be given, or why it is refused. A mitigation is kept only if there is a violation. */
export function checkGrant(
  wanted: Grant,
  state: TenantState,
  context: DecideContext,
  facts: TenantFacts,
): Grant | Rejection {
  const today = context.now.slice(0, 10);
  const unfit =
    roleRejection(wanted, state) ??
    companyRejection(wanted, facts) ??
    holderRejection(wanted, state) ??
    endedRejection(wanted, today) ??
    partyRejection(wanted, state, facts) ??
    duplicateRejection(wanted, state, today);
  if (unfit) return unfit;

  const given = {
    permissions: [...rolePermissions(wanted.role, state, facts.declared)].filter((permission) => !isOwn(permission)),
    fields: roleFields(wanted.role, state),
  };
  const missing = firstEscalation(given, wanted, state, today, facts);
  if (missing !== null) return escalationRefused(missing);

  const held = [...state.grants.values()].filter(
    ({ holderId, until }) => holderId === wanted.holderId && holdsOn({ until }, today),
  );
  const found = sodViolationsAmong([...held, wanted], state, facts.declared).filter(({ first, second }) =>
    [first, second].includes(wanted),
  );
  // A mitigation of an earlier grant does not count for this one.
  const unanswered = found.find((one) => wanted.mitigation === null || !isMitigated(one));
  if (unanswered) return sodViolated(unanswered, state);
  return { ...wanted, mitigation: found.length > 0 ? wanted.mitigation : null };
}

const field = (pointer: string, code: string, message: string, status: 404 | 409 = 409): Rejection =>
  reject(code, message, { status, errors: [{ pointer, code, message }] });

const roleRejection = ({ role }: Grant, state: TenantState): Rejection | null =>
  isBuiltIn(role) || state.roles.has(role)
    ? null
    : field('/role', 'identity.role-not-found', 'There is no such role. Choose one from the list of roles.', 404);

export const companyNotFound = (): Rejection =>
  field(
    '/companyId',
    'identity.company-not-found',
    'There is no such company. Choose one from the list of companies.',
    404,
  );

/** What the operator sets up may come before the company. */
const companyRejection = ({ companyId }: Grant, { companyExists, giver }: TenantFacts): Rejection | null =>
  companyId === null || companyExists || giver === null ? null : companyNotFound();

const endedRejection = (grant: Grant, today: string): Rejection | null =>
  holdsOn(grant, today)
    ? null
    : field('/until', 'identity.grant-ended', `The last day, ${grant.until ?? ''}, has passed. Choose a later day.`);

/** A grant for one customer or supplier needs a company, and a role that sees nothing else. */
function partyRejection({ role, companyId, party }: Grant, state: TenantState, facts: TenantFacts): Rejection | null {
  const beyond = [...rolePermissions(role, state, facts.declared)].filter(
    (permission) => !isOwn(permission) && !partyPermissions.includes(permission),
  );
  if (party === null) {
    return role === 'Vendor'
      ? field('/party', 'identity.party-required', 'Enter the customer or supplier, by the id in the books.')
      : null;
  }
  if (companyId === null) {
    return field(
      '/companyId',
      'identity.party-company-required',
      'A customer or supplier belongs to a company. Choose the company.',
    );
  }
  return beyond.length > 0
    ? field(
        '/party',
        'identity.party-not-for-role',
        `This role sees more than the lines of one customer or supplier: ${beyond[0]}. Choose another role.`,
      )
    : null;
}

function duplicateRejection(wanted: Grant, state: TenantState, today: string): Rejection | null {
  const same = [...state.grants.values()].find(
    ({ holderId, role, companyId, party, until }) =>
      holderId === wanted.holderId &&
      role === wanted.role &&
      companyId === wanted.companyId &&
      sameParty(party, wanted.party) &&
      (until === null || until === wanted.until) &&
      holdsOn({ until }, today),
  );
  return same
    ? reject('identity.grant-exists', 'The holder has this role already, for the same place and time.', {
        details: { grantId: same.grantId },
      })
    : null;
}
