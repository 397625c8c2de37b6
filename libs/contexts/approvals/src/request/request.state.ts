import type { Actor, Rejection } from '@daybook/kernel';
import type { Requirement } from './request.events.js';
import type { RequestStatus } from './request.operations.js';
import type { GivenApproval } from './requirements.js';

/** What names the record in the request's events; nulls for what is no record of the kit. */
export interface About {
  readonly recordType: string | null;
  readonly recordId: string | null;
}

/**
 * What somebody sees of requests for a command: nothing, not even that there is one; that there is one, but not what it is about;
 * all but what a role of theirs hides; all of it.
 */
export type Sight = 'absent' | 'hidden' | 'part' | 'whole';

/** What a pending command's stream tells of it, without its input. */
export interface ApprovalRequest extends About {
  readonly status: RequestStatus;
  readonly version: number;
  readonly operation: string;
  readonly summary: string;
  readonly companyId: string | null;
  /** Whom it is about. */
  readonly about?: string | null | undefined;
  /** Custodians of the requesting API key, or of the service account it is about. */
  readonly custodians?: readonly string[] | undefined;
  /** Whose rights are used; they may change and withdraw it. */
  readonly initiatorId: string;
  /** The requester, and the person for whom a delegate submitted it. */
  readonly initiator: Actor;
  readonly onBehalfOf: Actor | null;
  readonly commandId: string;
  readonly expectedVersion: number | null;
  /** 1, and one more with each change. */
  readonly contentVersion: number;
  /** Who gave it its present content. */
  readonly editors: readonly string[];
  readonly requirements: readonly Requirement[];
  /** Given to the present content. */
  readonly approvals: readonly GivenApproval[];
}
export type RequestState = { readonly status: 'absent' } | ApprovalRequest;

/** Submitted by the caller: a delegate and a key have as their own what they submitted themselves, not all that their person did. */
export const isOwn = (
  { initiatorId, initiator }: ApprovalRequest,
  actor: string,
  onBehalfOf: Actor | null | undefined,
): boolean => (onBehalfOf ? initiatorId === onBehalfOf.id && initiator.id === actor : initiatorId === actor);

/** The requester, the last editor, the person it is about, and the custodians of keys: none of them approves. */
export const ineligibleApproversOf = ({
  initiator,
  onBehalfOf,
  initiatorId,
  editors,
  about,
  custodians,
}: ApprovalRequest): readonly string[] => [
  ...(about ? [about] : []),
  ...(custodians ?? []),
  initiator.id,
  ...(onBehalfOf ? [onBehalfOf.id] : []),
  initiatorId,
  ...editors,
];

/** Who acts, as far as the rules ask: looked up before deciding. */
export interface ApproverContext {
  readonly kind: Actor['kind'];
  readonly onBehalfOf: Actor | null;
  /** Roles they hold where the request belongs. */
  readonly roles: readonly string[];
  /** Names of the tenant's roles, for words. */
  readonly roleNames: ReadonlyMap<string, string>;
  /** What they see of the request. */
  readonly sight: Sight;
  /** Why the requester is no longer permitted to do it; null while they are. */
  readonly initiatorRejection: Rejection | null;
  /** What a change would make of it; null for every other command. */
  readonly changed: {
    /** The whole of it. */
    readonly input: Record<string, unknown>;
    readonly summary: string;
    readonly amount: string | null;
    readonly companyId: string | null;
    readonly about: string | null;
    readonly recordType: string | null;
    readonly recordId: string | null;
    readonly custodians: readonly string[];
    /** Id of the person it is addressed to. */
    readonly addressee: string | null;
    readonly requirements: readonly Requirement[];
  } | null;
}
