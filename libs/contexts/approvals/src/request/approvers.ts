import type { Holder } from '@daybook/server';
import type { Requirement } from './request.events.js';
import { approveRequest } from './request.operations.js';
import { fits, type GivenApproval } from './requirements.js';

/*
 * Who could approve, as rights are now. A requirement that the present members cannot meet is no mistake by itself, for
 * somebody may be given the role tomorrow; but it must be seen, or a command waits for ever without anybody knowing.
 */
export interface Approver {
  readonly personId: string;
  /** In which roles they would do it. */
  readonly roles: readonly string[];
}

/** Those who may approve what is about a company, or about the whole tenant (null). */
export const approversAt = (holders: readonly Holder[], companyId: string | null): Approver[] =>
  holders.flatMap(({ personId, grants }) => {
    const here = grants.filter((grant) => grant.companyId === null || grant.companyId === companyId);
    const may = here.some(({ permissions, party }) => party === null && permissions.has(approveRequest.name));
    return may ? [{ personId, roles: [...new Set(here.map(({ role }) => role))] }] : [];
  });

/** How many members could give an approval that counts for the requirement, in some company or for the whole tenant. */
export const howManyFit = (requirement: Pick<Requirement, 'approverRole'>, holders: readonly Holder[]): number =>
  holders.filter((holder) => {
    const places = new Set(holder.grants.map(({ companyId }) => companyId));
    return [...places].some((place) => approversAt([holder], place).some(({ roles }) => fits(requirement, roles)));
  }).length;

/** What waits, as far as it matters here. */
export interface OpenRequest {
  readonly requirements: readonly Requirement[];
  /** Those that count. */
  readonly given: readonly GivenApproval[];
  readonly ineligibleApprovers: readonly string[];
}

export interface UnmetRequirement {
  readonly requirement: Requirement;
  /** Persons who would have to be given the right to approve. */
  readonly missing: number;
}

/** The first requirement that those who are there now cannot meet; null when they can meet all. */
export function unreachableRequirement(
  { requirements, given, ineligibleApprovers }: OpenRequest,
  approvers: readonly Approver[],
): UnmetRequirement | null {
  const left = approvers.filter(
    ({ personId }) => !ineligibleApprovers.includes(personId) && !given.some(({ by }) => by === personId),
  );
  for (const requirement of requirements) {
    const reachable = [...given, ...left].filter(({ roles }) => fits(requirement, roles)).length;
    if (reachable < requirement.approvers) return { requirement, missing: requirement.approvers - reachable };
  }
  return null;
}

/** In words, with what can be done about it. */
export function whyStuck({ requirement, missing }: UnmetRequirement, roles: ReadonlyMap<string, string>): string {
  const { approverRole } = requirement;
  const name = approverRole === null ? null : roles.get(approverRole);
  if (name === undefined) {
    return 'The role that must approve this was removed. Withdraw or reject it; it can be requested again once the rule names another role.';
  }
  const who = `${missing === 1 ? 'one more person' : `${missing} more persons`} who may approve${name === null ? '' : ` and ${missing === 1 ? 'has' : 'have'} the role ${name}`}`;
  return `As rights are now nobody can approve this: it takes ${who}, and may read all that it is about. An Admin can give the rights; or withdraw or reject it.`;
}
