import { type CommandOperation, isRejection, nameId, type Rejection } from '@daybook/kernel';
import { perform, type PerformContext } from '@daybook/server';
import { confirmationMissing, asInputErrors } from './approver-context.js';
import { Approvables } from './approvables.js';
import { changeRequest } from './request.operations.js';
import { initiatorCaller } from './execution.js';
import { applyMergePatch } from './merge-patch.js';
import { executionIdOf, loadRequest } from './load-request.js';
import { recordChange } from './request.internal.js';

/**
 * Changes the content of an approval request. As when it was first sent, what would be refused now is refused at once: the
 * change is decided without being recorded, then the command itself as it would be carried out, and only then recorded. A
 * repeat is answered as before, whatever the books have become since.
 */
export const changeBinding = perform(
  changeRequest,
  { approvables: Approvables },
  async ({ requestId, input }, context, { approvables }) => {
    const { caller, commandId, expectedVersion } = context;
    const options = { commandId: nameId(commandId, recordChange.name), expectedVersion };
    const change = { requestId, input };
    const first = await context.rehearseAs(caller, recordChange, change, options);
    if (isRejection(first)) return first;
    const refused = first === 'repeat' ? null : await whyNot(requestId, input, context, approvables);
    return refused ?? context.executeAs(caller, recordChange, change, options);
  },
);

/** Why the command would be refused with this content, if it were carried out now; null when it would run. */
async function whyNot(
  requestId: string,
  patch: Readonly<Record<string, unknown>>,
  { caller, events, rehearseAs }: PerformContext,
  approvables: Approvables,
): Promise<Rejection | null> {
  const { tenant } = caller;
  const { state, meta, input: before } = await loadRequest(events, tenant, requestId);
  if (state.status === 'absent' || !meta) return null;
  const unsure = confirmationMissing(state.operation, caller, approvables);
  if (unsure) return unsure;
  const operation = approvables.operation(state.operation) as CommandOperation;
  const input = applyMergePatch(operation, before, patch, caller.fields ?? {});
  if (isRejection(input)) return asInputErrors(input);
  const { rightsOf } = approvables.people;
  const asker = await initiatorCaller(state, operation, input, { ...meta, tenant }, rightsOf);
  if (isRejection(asker)) return asker;
  const rehearsed = await rehearseAs(asker, operation, input, {
    commandId: executionIdOf({ ...state, contentVersion: state.contentVersion + 1 }),
    expectedVersion: state.expectedVersion,
  });
  return isRejection(rehearsed) ? asInputErrors(rehearsed) : null;
}
