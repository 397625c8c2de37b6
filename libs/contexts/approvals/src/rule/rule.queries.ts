import { answer } from '@daybook/server';
import { Approvables } from '../request/approvables.js';
import { howManyFit } from '../request/approvers.js';
import { approveRequest } from '../request/request.operations.js';
import { seesSomewhere } from '../request/visibility.js';
import type * as z from 'zod';
import { anyWidening, anyWideningTitle, type RuleData } from './rule.events.js';
import { listApprovables, listRules, type ruleRow } from './rule.operations.js';
import { rules } from './rule.projection.js';

const using = { approvables: Approvables } as const;

export const ruleAnswers = [
  answer(listRules, using, async (_, read, { approvables }) => {
    const { people } = approvables;
    const titles = new Map([
      [anyWidening, anyWideningTitle],
      ...approvables.commands.map(({ name, title }) => [name, title] as const),
    ]);
    const rows = await read.db
      .selectFrom(read.rows(rules).as('r'))
      .selectAll('r')
      .orderBy('r.operation')
      .orderBy('r.id')
      .execute();
    const roles = await people.rolesIn(read.tenant);
    const holders = await people.holdersOf(read.tenant, approveRequest.name);
    const able = (operation: string) =>
      operation === anyWidening ? holders : holders.filter((one) => seesSomewhere(one, operation, approvables));
    const nameOf = (role: string | null) => (role === null ? null : (roles.get(role) ?? null));
    return {
      items: rows.map(({ id, operation, above, role, approvers, approverRole, version }) => ({
        id,
        operation,
        operationTitle: titles.get(operation) ?? operation,
        above,
        role,
        approvers,
        approverRole,
        version,
        roleName: nameOf(role),
        approverRoleName: nameOf(approverRole),
        ...ruleStatusOf({ role, approvers, approverRole }, roles, howManyFit({ approverRole }, able(operation))),
      })),
    };
  }),
  answer(listApprovables, using, async (_input, _read, { approvables }) => ({
    items: [
      { operation: anyWidening, title: anyWideningTitle, hasAmount: false },
      ...approvables.commands
        .map(({ name, title, approvable }) => ({ operation: name, title, hasAmount: approvable?.amount !== undefined }))
        .sort((a, b) => (a.title < b.title ? -1 : 1)),
    ],
  })),
];

/** Told with the rights of now: a role may have been removed since the rule was set, or be held by too few. */
export function ruleStatusOf(
  { role, approvers, approverRole }: Pick<RuleData, 'role' | 'approvers' | 'approverRole'>,
  roles: ReadonlyMap<string, string>,
  canApprove: number,
): Pick<z.infer<typeof ruleRow>, 'canApprove' | 'status'> {
  const gone = [role, approverRole].some((one) => one !== null && !roles.has(one));
  return { canApprove, status: gone ? 'role-removed' : canApprove < approvers ? 'too-few-approvers' : 'ok' };
}
