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
} from './request.events.js';
import type { RequestCommand, RequestStatus } from './request.operations.js';
import {
  type ApproverContext,
  type RequestState,
  ineligibleApproversOf,
  isOwn,
  type ApprovalRequest,
} from './request.state.js';
import {
  approvedAlready,
  contentHidden,
  onlyPersons,
  recordNotVisible,
  requestNotFound,
  roleMissing,
  statusMessages,
  whyIneligible,
} from './request.messages.js';
import { counts, rolesOf, mergeRequirements, unmet } from './requirements.js';
import type { InternalRequestCommand } from './request.internal.js';

/*
 * An approval request: a command that waits until other people approve it.
 * - Ineligible approvers: the requester, the person who changed it last, the person it is about, and everybody behind a key
 *   of these. Nobody approves twice; a delegate never approves.
 * - An approval is given to one content: a change voids all that were given. What was pinned stays asked for.
 * - Approved means that every pinned requirement is met; it is then carried out, and done or failed is its only way on.
 * - Nobody approves or rejects what they may not read, nor approves what a role hides a field of (docs/adr/0076).
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
    const unseen = sightRejection(requestId, state, context, approver);
    if (unseen) return unseen;
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
        return next(requestId, state, requestRejected.of({ ...said(requestId, state), by: context.actor, reason }));
      }
      case 'approvals.request.withdraw': {
        const no = initiatorRequired(state, context, approver) ?? checkVersion(context, state.version);
        if (no) return no;
        const reason = command.input.reason ?? null;
        return next(requestId, state, requestWithdrawn.of({ ...said(requestId, state), reason }));
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
        const { summary, companyId, about, recordType, recordId, custodians, requirements, contentVersion, by } =
          event.data;
        const changed = {
          summary,
          companyId,
          about,
          recordType,
          recordId,
          custodians,
          requirements,
          contentVersion,
          editors: by,
        };
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
  if (approver.sight === 'part') return reject('approvals.content-hidden', contentHidden, { status: 403 });
  if (approver.initiatorRejection) {
    const { code, message } = approver.initiatorRejection;
    const detail = `The requester is no longer permitted to do this. Reject the request; somebody who is permitted can submit it again. (${message})`;
    return reject('approvals.initiator-not-permitted', detail, { details: { problem: code } });
  }
  const roles = [...approver.roles];
  const complete = unmet(state.requirements, [...state.approvals, { by, roles }]).length === 0;
  const { contentVersion } = state;
  return next(
    requestId,
    state,
    requestApproved.of({ ...said(requestId, state), contentVersion, by, roles, comment, complete }),
  );
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
  const { input, summary, amount, companyId, about, recordType, recordId, custodians, addressee } = approver.changed;
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
      recordType,
      recordId,
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
    ? next(requestId, state, requestCompleted.of({ ...said(requestId, state), contentVersion, result }))
    : noOutcome();

const fail = (
  { requestId, contentVersion, problem }: Of<'approvals.request.fail'>,
  state: ApprovalRequest,
): Decision<RequestEvent> =>
  state.status === 'approved' && state.contentVersion === contentVersion
    ? next(requestId, state, requestFailed.of({ ...said(requestId, state), contentVersion, problem }))
    : noOutcome();

const noOutcome = (): Rejection =>
  reject('approvals.request-not-approved', 'This is not approved, or its outcome is already recorded.');

const said = (requestId: string, { recordType, recordId, summary }: ApprovalRequest) => ({
  requestId,
  recordType,
  recordId,
  summary,
});
const next = (requestId: string, state: ApprovalRequest, event: RequestEvent): Decision<RequestEvent> =>
  accept(requestId, state.version + 1, event);

const isInitiator = (
  { initiatorId }: ApprovalRequest,
  { actor }: DecideContext,
  { onBehalfOf }: ApproverContext,
): boolean => initiatorId === (onBehalfOf?.id ?? actor);

/** Who submitted it always sees it; who sees a part may reject it. */
function sightRejection(
  requestId: string,
  state: ApprovalRequest,
  context: DecideContext,
  approver: ApproverContext,
): Rejection | null {
  if (isOwn(state, context.actor, approver.onBehalfOf)) return null;
  if (approver.sight === 'absent') return requestNotFound(requestId);
  return approver.sight === 'hidden' ? recordNotVisible() : null;
}

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

const statusRejection = ({ status }: ApprovalRequest, allowed: readonly RequestStatus[]): Rejection | null =>
  allowed.includes(status)
    ? null
    : reject('approvals.request-not-pending', statusMessages[status], { details: { status } });

const personRequired = ({ kind, onBehalfOf }: ApproverContext): Rejection | null =>
  kind === 'person' && onBehalfOf === null ? null : reject('approvals.person-required', onlyPersons, { status: 403 });
