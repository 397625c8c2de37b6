import { reject, type Rejection } from '@daybook/kernel';
import type { Requirement } from './request.events.js';
import type { RequestStatus } from './request.operations.js';
import type { ApprovalRequest } from './request.state.js';
import { rolesOf } from './requirements.js';

/* Why somebody does not approve, in words for them: said when they try, and on the page before they do. */
export const onlyPersons =
  'Only a person who signed in without delegated access can approve or reject, not an API key or a delegate.';
export const approvesElsewhere =
  'You may approve requests, but not where this belongs. Somebody who may approve there has to.';
export const contentHidden =
  'Your role hides a field of this command, so you cannot approve it: nobody approves what they do not see. You can reject it. Somebody else has to approve it, or an Admin gives you a role that does not hide the field.';
/** Somebody who may approve, and may not read what this is about. */
export const recordNotVisible = (): Rejection =>
  reject(
    'approvals.record-not-visible',
    'This request is about something that you may not read, so you can neither read, approve nor reject it. Somebody who reads it has to, or an Admin gives you the right to read it.',
    { status: 403 },
  );
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

export const statusMessages: Readonly<Record<RequestStatus, string>> = {
  pending: 'This waits for approval.',
  approved: 'This is approved and being carried out.',
  completed: 'This was approved and carried out.',
  failed: 'This was approved, but refused when it was carried out. The requester can change or withdraw it.',
  rejected: 'This was rejected.',
  withdrawn: 'The requester withdrew this.',
};

/** Nor is it there for those who do not see it. */
export const requestNotFound = (requestId: string): Rejection =>
  reject('approvals.request-not-found', 'There is no such approval request.', {
    status: 404,
    details: { requestId },
  });
