import { type CommandOperation, isRejection, nameId, type Rejection } from '@daybook/kernel';
import { perform, type PerformContext } from '@daybook/server';
import { confirmedFor, ofInput } from './acting.js';
import { Approvables } from './approvables.js';
import { changeCommand } from './approval.operations.js';
import { callerOf } from './carry-out.js';
import { patchedInput } from './patched-input.js';
import { executionIdOf, readStanding } from './standing.js';
import { amendCommand } from './steps.operations.js';

/**
 * Gives a waiting command another content. As when it was first sent, what would be refused now is refused at once: the
 * change is decided without being recorded, then the command itself as it would be carried out, and only then recorded. A
 * repeat is answered as before, whatever the books have become since.
 */
export const changeBinding = perform(
  changeCommand,
  { approvables: Approvables },
  async ({ approvalId, input }, context, { approvables }) => {
    const { caller, commandId, expectedVersion } = context;
    const options = { commandId: nameId(commandId, amendCommand.name), expectedVersion };
    const change = { approvalId, input };
    const first = await context.rehearseAs(caller, amendCommand, change, options);
    if (isRejection(first)) return first;
    const refused = first === 'repeat' ? null : await whyNot(approvalId, input, context, approvables);
    return refused ?? context.executeAs(caller, amendCommand, change, options);
  },
);

/** Why the command would be refused with this content, if it were carried out now; null when it would run. */
async function whyNot(
  approvalId: string,
  patch: Readonly<Record<string, unknown>>,
  { caller, events, rehearseAs }: PerformContext,
  approvables: Approvables,
): Promise<Rejection | null> {
  const { tenant } = caller;
  const { state, asked, input: before } = await readStanding(events, tenant, approvalId);
  if (state.status === 'absent' || !asked) return null;
  const unsure = confirmedFor(state.operation, caller, approvables);
  if (unsure) return unsure;
  const operation = approvables.operation(state.operation) as CommandOperation;
  const input = patchedInput(operation, before, patch, caller.fields ?? {});
  if (isRejection(input)) return ofInput(input);
  const { rightsOf } = approvables.people;
  const asker = await callerOf(state, operation, input, { ...asked, tenant }, rightsOf);
  if (isRejection(asker)) return asker;
  const rehearsed = await rehearseAs(asker, operation, input, {
    commandId: executionIdOf({ ...state, content: state.content + 1 }),
    expectedVersion: state.expectedVersion,
  });
  return isRejection(rehearsed) ? ofInput(rehearsed) : null;
}
