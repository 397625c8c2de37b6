import {
  accept,
  assertNever,
  checkVersion,
  type DecideContext,
  type Decider,
  type Decision,
  reject,
  type Rejection,
} from '@daybook/kernel';
import {
  requestApproved,
  requestChanged,
  requestCompleted,
  requestFailed,
  requestSubmitted,
  requestRejected,
  requestWithdrawn,
  type RequestEvent,
  type Requirement,
} from './request.events.js';
import type { RequestCommand, RequestStatus } from './request.operations.js';
import {
  type ApproverContext,
  type RequestState,
  ineligibleApproversOf,
  type ApprovalRequest,
} from './request.state.js';
import { counts, rolesOf, mergeRequirements, unmet } from './requirements.js';
import type { InternalRequestCommand } from './request.internal.js';

/*
 * An approval request: a command that waits until other people approve it.
 * - Ineligible approvers: the requester, the person who changed it last, the person it is about, and everybody behind a key
 *   of these. Nobody approves twice; a delegate never approves.
 * - An approval is given to one content: a change voids all that were given. What was pinned stays asked for.
 * - Approved means that every pinned requirement is met; it is then carried out, and done or failed is its only way on.
 * - Only the requester changes or withdraws it, while it is pending or after it failed.
 */
type Cmd = RequestCommand | InternalRequestCommand;
type Of<N extends Cmd['name']> = Extract<Cmd, { name: N }>['input'];

export const requestDecider: Decider<RequestState, Cmd, RequestEvent, ApproverContext> = {
  initial: { status: 'absent' },

  decide(command, state, context, approver): Decision<RequestEvent> {
    if (command.name === 'approvals.request.submit') return submit(command.input, state, context, approver);
    const { requestId } = command.input;
    if (state.status === 'absent') return requestNotFound(requestId);
    if (command.name === 'approvals.request.complete') return complete(command.input, state);
    if (command.name === 'approvals.request.fail') return fail(command.input, state);
    if (!sees(state, context, approver)) return requestNotFound(requestId);
    switch (command.name) {
      case 'approvals.request.record-approval':
        return approve(command.input, state, context, approver);
      case 'approvals.request.reject': {
        if (isInitiator(state, context, approver)) {
          return reject('approvals.approver-ineligible', 'You submitted this request yourself. Withdraw it instead.');
        }
        const no =
          statusRejection(state, ['pending']) ?? personRequired(approver) ?? checkVersion(context, state.version);
        if (no) return no;
        const { reason } = command.input;
        const { summary } = state;
        return next(requestId, state, requestRejected.of({ requestId, summary, by: context.actor, reason }));
      }
      case 'approvals.request.withdraw': {
        const no = initiatorRequired(state, context, approver) ?? checkVersion(context, state.version);
        if (no) return no;
        const { summary } = state;
        const reason = command.input.reason ?? null;
        return next(requestId, state, requestWithdrawn.of({ requestId, summary, reason }));
      }
      case 'approvals.request.record-change':
        return change(command.input, state, context, approver);
      default:
        return assertNever(command);
    }
  },

  evolve(state, event): RequestState {
    if (event.type === 'approvals.request-submitted') {
      const { requestId: _, input: _input, amount: _amount, ...held } = event.data;
      return { ...held, status: 'pending', version: 1, approvals: [], editors: [] };
    }
    if (state.status === 'absent') return state;
    const version = state.version + 1;
    switch (event.type) {
      case 'approvals.request-changed': {
        const { summary, companyId, about, custodians, requirements, contentVersion, by } = event.data;
        const changed = { summary, companyId, about, custodians, requirements, contentVersion, editors: by };
        return { ...state, ...changed, version, status: 'pending', approvals: [] };
      }
      case 'approvals.request-approved': {
        const { by, roles, complete: all } = event.data;
        const approvals = [...state.approvals, { by, roles }];
        return { ...state, version, approvals, status: all ? 'approved' : 'pending' };
      }
      case 'approvals.request-completed':
        return { ...state, version, status: 'completed' };
      case 'approvals.request-failed':
        return { ...state, version, status: 'failed' };
      case 'approvals.request-rejected':
        return { ...state, version, status: 'rejected' };
      case 'approvals.request-withdrawn':
        return { ...state, version, status: 'withdrawn' };
      default:
        return assertNever(event);
    }
  },
};

function submit(
  { addressee, ...input }: Of<'approvals.request.submit'>,
  state: RequestState,
  context: DecideContext,
  { kind, onBehalfOf }: ApproverContext,
): Decision<RequestEvent> {
  const { requestId } = input;
  if (state.status !== 'absent') return reject('approvals.request-exists', 'This request already exists.');
  const initiator = { kind, id: context.actor };
  const initiatorId = onBehalfOf?.id ?? context.actor;
  const sealedFor = addressee ?? initiatorId;
  return accept(
    requestId,
    1,
    requestSubmitted.of({ ...input, initiatorId, sealedFor, initiator, onBehalfOf, contentVersion: 1 }),
  );
}

function approve(
  { requestId, comment }: Of<'approvals.request.record-approval'>,
  state: ApprovalRequest,
  context: DecideContext,
  approver: ApproverContext,
): Decision<RequestEvent> {
  const no = statusRejection(state, ['pending']) ?? checkVersion(context, state.version) ?? personRequired(approver);
  if (no) return no;
  const by = context.actor;
  if (ineligibleApproversOf(state).includes(by)) {
    return reject('approvals.approver-ineligible', whyIneligible(by, state));
  }
  if (state.approvals.some((given) => given.by === by)) {
    return reject('approvals.already-approved', approvedAlready);
  }
  const open = unmet(state.requirements, state.approvals);
  if (!counts(open, approver.roles)) {
    const message = roleMissing(open, approver.roleNames);
    return reject('approvals.role-required', message, { status: 403, details: { roles: rolesOf(open) } });
  }
  if (approver.initiatorRejection) {
    const { code, message } = approver.initiatorRejection;
    const detail = `The requester is no longer permitted to do this. Reject the request; somebody who is permitted can submit it again. (${message})`;
    return reject('approvals.initiator-not-permitted', detail, { details: { problem: code } });
  }
  const roles = [...approver.roles];
  const complete = unmet(state.requirements, [...state.approvals, { by, roles }]).length === 0;
  const { contentVersion, summary } = state;
  return next(
    requestId,
    state,
    requestApproved.of({ requestId, summary, contentVersion, by, roles, comment, complete }),
  );
}

/* Why somebody does not approve, in words for them: said when they try, and on the page before they do. */
export const onlyPersons =
  'Only a person who signed in without delegated access can approve or reject, not an API key or a delegate.';
export const approvedAlready = 'You have already approved this. Another person has to approve it too.';
export const ownProofToApprove =
  'You signed in through an SSO provider, which does not prove that two people are involved. To approve, confirm with your own password, passkey or authenticator app.';
export function roleMissing(open: readonly Requirement[], roleNames: ReadonlyMap<string, string>): string {
  const names = rolesOf(open).map((role) => roleNames.get(role) ?? role);
  return `The approval of somebody with the role ${names.join(' or ')} is still missing.`;
}
/** Why this is somebody's own. */
export function whyIneligible(
  by: string,
  { about, custodians }: Pick<ApprovalRequest, 'about' | 'custodians'>,
): string {
  const why =
    by === about
      ? 'This is about yourself.'
      : custodians?.includes(by)
        ? 'You created the service account that submitted this or that it is about, or issued one of its keys. You count as the same person.'
        : 'You submitted this request, or changed it last.';
  return `${why} Somebody else has to approve it.`;
}

function change(
  { requestId }: Of<'approvals.request.record-change'>,
  state: ApprovalRequest,
  context: DecideContext,
  approver: ApproverContext,
): Decision<RequestEvent> {
  const no = initiatorRequired(state, context, approver) ?? checkVersion(context, state.version);
  if (no) return no;
  if (!approver.changed) throw new Error('A change is decided without knowing what it makes of the command');
  const { input, summary, amount, companyId, about, custodians, addressee } = approver.changed;
  const by = [context.actor, ...(approver.onBehalfOf ? [approver.onBehalfOf.id] : [])];
  const requirements = mergeRequirements(state.requirements, approver.changed.requirements);
  const { initiatorId } = state;
  const sealedFor = addressee ?? initiatorId;
  const contentVersion = state.contentVersion + 1;
  return next(
    requestId,
    state,
    requestChanged.of({
      requestId,
      initiatorId,
      sealedFor,
      input,
      summary,
      amount,
      companyId,
      about,
      ...(custodians.length === 0 ? {} : { custodians: [...custodians] }),
      requirements,
      contentVersion,
      by,
    }),
  );
}

/*
 * The outcome may be recorded twice, by the request and by the job that repeats it. A command that was carried out after all
 * is completed, whatever the other one met.
 */
const complete = (
  { requestId, contentVersion, result }: Of<'approvals.request.complete'>,
  state: ApprovalRequest,
): Decision<RequestEvent> =>
  ['approved', 'failed'].includes(state.status) && state.contentVersion === contentVersion
    ? next(requestId, state, requestCompleted.of({ requestId, summary: state.summary, contentVersion, result }))
    : noOutcome();

const fail = (
  { requestId, contentVersion, problem }: Of<'approvals.request.fail'>,
  state: ApprovalRequest,
): Decision<RequestEvent> =>
  state.status === 'approved' && state.contentVersion === contentVersion
    ? next(requestId, state, requestFailed.of({ requestId, summary: state.summary, contentVersion, problem }))
    : noOutcome();

const noOutcome = (): Rejection =>
  reject('approvals.request-not-approved', 'This is not approved, or its outcome is already recorded.');

const next = (requestId: string, state: ApprovalRequest, event: RequestEvent): Decision<RequestEvent> =>
  accept(requestId, state.version + 1, event);

const isInitiator = (
  { initiatorId }: ApprovalRequest,
  { actor }: DecideContext,
  { onBehalfOf }: ApproverContext,
): boolean => initiatorId === (onBehalfOf?.id ?? actor);

/** The requester always sees it; others where their grants reach. A command without a company concerns the whole tenant. */
const sees = (state: ApprovalRequest, context: DecideContext, approver: ApproverContext): boolean =>
  isInitiator(state, context, approver) ||
  approver.companies === 'all' ||
  (state.companyId !== null && approver.companies.includes(state.companyId));

const initiatorRequired = (
  state: ApprovalRequest,
  context: DecideContext,
  approver: ApproverContext,
): Rejection | null =>
  isInitiator(state, context, approver)
    ? statusRejection(state, ['pending', 'failed'])
    : reject('approvals.not-initiator', 'Only the requester can change or withdraw this. You can reject it.', {
        status: 403,
      });

const statusMessages: Readonly<Record<RequestStatus, string>> = {
  pending: 'This waits for approval.',
  approved: 'This is approved and being carried out.',
  completed: 'This was approved and carried out.',
  failed: 'This was approved, but refused when it was carried out. The requester can change or withdraw it.',
  rejected: 'This was rejected.',
  withdrawn: 'The requester withdrew this.',
};
const statusRejection = ({ status }: ApprovalRequest, allowed: readonly RequestStatus[]): Rejection | null =>
  allowed.includes(status)
    ? null
    : reject('approvals.request-not-pending', statusMessages[status], { details: { status } });

const personRequired = ({ kind, onBehalfOf }: ApproverContext): Rejection | null =>
  kind === 'person' && onBehalfOf === null ? null : reject('approvals.person-required', onlyPersons, { status: 403 });

export const requestNotFound = (requestId: string): Rejection =>
  reject('approvals.request-not-found', 'There is no such approval request.', {
    status: 404,
    details: { requestId },
  });
