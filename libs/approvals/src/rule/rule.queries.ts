import type { CommandOperation, Operation } from '@daybook/kernel';
import { type AnswerBinding, answer } from '@daybook/server';
import { listApprovables, listRules } from './rule.operations.js';
import { rules } from './rule.projection.js';

export const approvablesIn = (operations: readonly Operation[]): CommandOperation[] =>
  operations.filter((one): one is CommandOperation => one.kind === 'command' && one.approvable !== null);

export const ruleAnswers = (operations: () => readonly Operation[]): AnswerBinding[] => [
  answer(listRules, async (_, read) => {
    const titles = new Map(operations().map(({ name, title }) => [name, title]));
    const rows = await read.db
      .selectFrom(read.rows(rules).as('r'))
      .selectAll('r')
      .orderBy('r.operation')
      .orderBy('r.id')
      .execute();
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
      })),
    };
  }),
  answer(listApprovables, async () => ({
    items: approvablesIn(operations())
      .map(({ name, title, approvable }) => ({ operation: name, title, hasAmount: approvable?.amount !== undefined }))
      .sort((a, b) => (a.title < b.title ? -1 : 1)),
  })),
];
