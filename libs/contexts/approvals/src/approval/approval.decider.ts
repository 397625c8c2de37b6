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
  approvalGiven,
  commandChanged,
  commandDone,
  commandFailed,
  commandHeld,
  commandRejected,
  commandWithdrawn,
  type ApprovalEvent,
  type Requirement,
} from './approval.events.js';
import type { ApprovalCommand, ApprovalStatus } from './approval.operations.js';
import { type Acting, type ApprovalState, barredOf, type Pending } from './approval.state.js';
import { counts, rolesOf, together, unmet } from './requirements.js';
import type { ApprovalStep } from './steps.operations.js';

/*
 * A command that waits for other persons.
 * - Neither who asked, nor who changed it last, nor whom it is about approves; a key counts as everybody who stands behind it.
 *   Nobody approves twice; a delegate who acts for a person never does.
 * - An approval is given to one content: a change voids all that were given. What was pinned stays asked for.
 * - Approved means that every pinned requirement is met; it is then carried out, and done or failed is its only way on.
 * - Only who asked changes or withdraws it, while it waits or after it failed.
 */
type Cmd = ApprovalCommand | ApprovalStep;
type Of<N extends Cmd['name']> = Extract<Cmd, { name: N }>['input'];

export const approvalDecider: Decider<ApprovalState, Cmd, ApprovalEvent, Acting> = {
  initial: { status: 'absent' },

  decide(command, state, context, acting): Decision<ApprovalEvent> {
    if (command.name === 'approvals.request.submit') return hold(command.input, state, context, acting);
    const { requestId } = command.input;
    if (state.status === 'absent') return approvalUnknown(requestId);
    if (command.name === 'approvals.request.complete') return complete(command.input, state);
    if (!sees(state, context, acting)) return approvalUnknown(requestId);
    switch (command.name) {
      case 'approvals.request.record-approval':
        return give(command.input, state, context, acting);
      case 'approvals.request.reject': {
        if (owns(state, context, acting)) {
          return reject('approvals.approver-ineligible', 'You asked for this yourself. Withdraw it instead.');
        }
        const no = notWaiting(state, ['waiting']) ?? notHimself(acting) ?? checkVersion(context, state.version);
        if (no) return no;
        const { reason } = command.input;
        const { summary } = state;
        return next(requestId, state, commandRejected.of({ requestId, summary, by: context.actor, reason }));
      }
      case 'approvals.request.withdraw': {
        const no = notOwn(state, context, acting) ?? checkVersion(context, state.version);
        if (no) return no;
        const { summary } = state;
        const reason = command.input.reason ?? null;
        return next(requestId, state, commandWithdrawn.of({ requestId, summary, reason }));
      }
      case 'approvals.request.record-change':
        return change(command.input, state, context, acting);
      default:
        return assertNever(command);
    }
  },

  evolve(state, event): ApprovalState {
    if (event.type === 'approvals.request-submitted') {
      const { requestId: _, input: _input, amount: _amount, ...held } = event.data;
      return { ...held, status: 'waiting', version: 1, approvals: [], editors: [] };
    }
    if (state.status === 'absent') return state;
    const version = state.version + 1;
    switch (event.type) {
      case 'approvals.request-changed': {
        const { summary, companyId, about, behind, requirements, content, by } = event.data;
        const changed = { summary, companyId, about, behind, requirements, content, editors: by };
        return { ...state, ...changed, version, status: 'waiting', approvals: [] };
      }
      case 'approvals.request-approved': {
        const { by, roles, complete: all } = event.data;
        const approvals = [...state.approvals, { by, roles }];
        return { ...state, version, approvals, status: all ? 'approved' : 'waiting' };
      }
      case 'approvals.request-completed':
        return { ...state, version, status: 'done' };
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

function hold(
  { addressee, ...input }: Of<'approvals.request.submit'>,
  state: ApprovalState,
  context: DecideContext,
  { kind, onBehalfOf }: Acting,
): Decision<ApprovalEvent> {
  const { requestId } = input;
  if (state.status !== 'absent') return reject('approvals.request-exists', 'This command waits for approval already.');
  const initiator = { kind, id: context.actor };
  const initiatorId = onBehalfOf?.id ?? context.actor;
  const sealedFor = addressee ?? initiatorId;
  return accept(requestId, 1, commandHeld.of({ ...input, initiatorId, sealedFor, initiator, onBehalfOf, content: 1 }));
}

function give(
  { requestId, comment }: Of<'approvals.request.record-approval'>,
  state: Pending,
  context: DecideContext,
  acting: Acting,
): Decision<ApprovalEvent> {
  const no = notWaiting(state, ['waiting']) ?? checkVersion(context, state.version) ?? notHimself(acting);
  if (no) return no;
  const by = context.actor;
  if (barredOf(state).includes(by)) {
    return reject('approvals.approver-ineligible', whyOwn(by, state));
  }
  if (state.approvals.some((given) => given.by === by)) {
    return reject('approvals.already-approved', approvedAlready);
  }
  const open = unmet(state.requirements, state.approvals);
  if (!counts(open, acting.roles)) {
    const message = roleMissing(open, acting.roleNames);
    return reject('approvals.role-required', message, { status: 403, details: { roles: rolesOf(open) } });
  }
  if (acting.initiatorMayNot) {
    const { code, message } = acting.initiatorMayNot;
    const detail = `Whoever asked for this may not do it any more. Reject it; somebody who may can ask again. (${message})`;
    return reject('approvals.initiator-not-permitted', detail, { details: { problem: code } });
  }
  const roles = [...acting.roles];
  const complete = unmet(state.requirements, [...state.approvals, { by, roles }]).length === 0;
  const { content, summary } = state;
  return next(requestId, state, approvalGiven.of({ requestId, summary, content, by, roles, comment, complete }));
}

/* Why somebody does not approve, in words for them: said when they try, and on the page before they do. */
export const onlyPersons =
  'Only a person who signed in without delegated access approves or rejects: no key, and no delegate.';
export const approvedAlready = 'You have approved this already. Another person has to, too.';
export const ownProofToApprove =
  'You signed in by a provider, which is no proof that there are two persons. To approve, confirm with your own password, passkey or authenticator app.';
export function roleMissing(open: readonly Requirement[], roleNames: ReadonlyMap<string, string>): string {
  const names = rolesOf(open).map((role) => roleNames.get(role) ?? role);
  return `What is still missing is the approval of somebody with the role ${names.join(' or ')}.`;
}
/** Why this is somebody's own. */
export function whyOwn(by: string, { about, behind }: Pick<Pending, 'about' | 'behind'>): string {
  const why =
    by === about
      ? 'This is about yourself.'
      : behind?.includes(by)
        ? 'You made the service account that asked for this or that it is about, or issued a key of it. You count as one with it.'
        : 'You asked for this, or changed it last.';
  return `${why} Somebody else has to approve it.`;
}

function change(
  { requestId }: Of<'approvals.request.record-change'>,
  state: Pending,
  context: DecideContext,
  acting: Acting,
): Decision<ApprovalEvent> {
  const no = notOwn(state, context, acting) ?? checkVersion(context, state.version);
  if (no) return no;
  if (!acting.changed) throw new Error('A change is decided without knowing what it makes of the command');
  const { input, summary, amount, companyId, about, behind, addressee } = acting.changed;
  const by = [context.actor, ...(acting.onBehalfOf ? [acting.onBehalfOf.id] : [])];
  const requirements = together(state.requirements, acting.changed.requirements);
  const { initiatorId } = state;
  const sealedFor = addressee ?? initiatorId;
  const content = state.content + 1;
  return next(
    requestId,
    state,
    commandChanged.of({
      requestId,
      initiatorId,
      sealedFor,
      input,
      summary,
      amount,
      companyId,
      about,
      ...(behind.length === 0 ? {} : { behind: [...behind] }),
      requirements,
      content,
      by,
    }),
  );
}

/**
 * The same outcome may be told twice, by the request and by the job that stands behind it. A command that was done after
 * all is done, whatever the other one met.
 */
function complete(
  { requestId, content, result, problem }: Of<'approvals.request.complete'>,
  state: Pending,
): Decision<ApprovalEvent> {
  const { summary } = state;
  const open = state.status === 'approved' || (state.status === 'failed' && result !== null);
  if (!open || state.content !== content) {
    return reject('approvals.request-not-approved', 'This is not approved, or what became of it is recorded already.');
  }
  if (result) return next(requestId, state, commandDone.of({ requestId, summary, content, result }));
  if (problem) return next(requestId, state, commandFailed.of({ requestId, summary, content, problem }));
  throw new Error('A command was carried out without a result and without a problem');
}

const next = (requestId: string, state: Pending, event: ApprovalEvent): Decision<ApprovalEvent> =>
  accept(requestId, state.version + 1, event);

const owns = ({ initiatorId }: Pending, { actor }: DecideContext, { onBehalfOf }: Acting): boolean =>
  initiatorId === (onBehalfOf?.id ?? actor);

/** Who asked always sees it; others where their grants reach. A command of no company is one of the whole tenant. */
const sees = (state: Pending, context: DecideContext, acting: Acting): boolean =>
  owns(state, context, acting) ||
  acting.companies === 'all' ||
  (state.companyId !== null && acting.companies.includes(state.companyId));

const notOwn = (state: Pending, context: DecideContext, acting: Acting): Rejection | null =>
  owns(state, context, acting)
    ? notWaiting(state, ['waiting', 'failed'])
    : reject('approvals.not-initiator', 'Only who asked for this may change or withdraw it. You may reject it.', {
        status: 403,
      });

const became: Readonly<Record<ApprovalStatus, string>> = {
  waiting: 'This waits for approval.',
  approved: 'This is approved and being carried out.',
  done: 'This was approved and carried out.',
  failed: 'This was approved, but refused when it was carried out. Whoever asked may change or withdraw it.',
  rejected: 'This was rejected.',
  withdrawn: 'This was withdrawn by whoever asked.',
};
const notWaiting = ({ status }: Pending, allowed: readonly ApprovalStatus[]): Rejection | null =>
  allowed.includes(status) ? null : reject('approvals.request-not-pending', became[status], { details: { status } });

const notHimself = ({ kind, onBehalfOf }: Acting): Rejection | null =>
  kind === 'person' && onBehalfOf === null ? null : reject('approvals.person-required', onlyPersons, { status: 403 });

export const approvalUnknown = (requestId: string): Rejection =>
  reject('approvals.request-not-found', 'There is no such command waiting for approval.', {
    status: 404,
    details: { requestId },
  });
