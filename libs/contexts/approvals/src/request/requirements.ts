import type { Requirement } from './request.events.js';

/*
 * When has a command been approved by enough persons? Each requirement counts those who hold the role it names; one
 * approval counts for every requirement it fits.
 */
export interface GivenApproval {
  readonly by: string;
  readonly roles: readonly string[];
}

export const fits = ({ approverRole }: Pick<Requirement, 'approverRole'>, roles: readonly string[]): boolean =>
  approverRole === null || roles.includes(approverRole);

/** The requirements that are not met yet. */
export const unmet = (requirements: readonly Requirement[], given: readonly GivenApproval[]): readonly Requirement[] =>
  requirements.filter((one) => given.filter(({ roles }) => fits(one, roles)).length < one.approvers);

/** Would an approval by somebody with these roles bring it further? */
export const counts = (open: readonly Requirement[], roles: readonly string[]): boolean =>
  open.some((one) => fits(one, roles));

/** Those pinned before stay; rules that fit what it has become are added. A change never makes it easier. */
export const mergeRequirements = (pinned: readonly Requirement[], now: readonly Requirement[]): Requirement[] => [
  ...pinned,
  ...now.filter(({ ruleId }) => !pinned.some((one) => one.ruleId === ruleId)),
];

/** Persons needed at least, and the roles of which somebody must approve. */
export const neededOf = (requirements: readonly Requirement[]): number =>
  requirements.reduce((most, { approvers }) => Math.max(most, approvers), 0);
export const rolesOf = (requirements: readonly Requirement[]): string[] => [
  ...new Set(requirements.flatMap(({ approverRole }) => approverRole ?? [])),
];
