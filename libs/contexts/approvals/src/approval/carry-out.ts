import { type CommandOperation, isRejection, nameId, reject, type Rejection } from '@daybook/kernel';
import {
  type Caller,
  companiesOf,
  type OnBehalfExecutor,
  type EventReader,
  grantsFor,
  partiesOf,
  type RightsOf,
} from '@daybook/server';
import { rightsHolder } from './roles-in.js';
import type { Pending } from './approval.state.js';
import { executionIdOf, readStanding, type Standing } from './standing.js';
import { completeCommand } from './steps.operations.js';

/*
 * An approved command is carried out: in the name of who asked, under ids that follow from what was asked. Doing it again
 * is harmless, so a crash at any point is mended by doing it again: the request does it, a job stands behind it.
 */
export interface CarryingOut extends OnBehalfExecutor {
  readonly events: EventReader;
}

/** What stands in the way only for now: the command stays approved, and is tried again. */
const isPassing = ({ status }: Rejection): boolean => status === 503 || status === 429;

/** Carries out what is approved and records what became of it; answers where it then stands. */
export async function carryOut(
  tenant: string,
  approvalId: string,
  by: CarryingOut,
  rightsOf: RightsOf,
): Promise<Standing> {
  const standing = await readStanding(by.events, tenant, approvalId);
  const { state, asked } = standing;
  if (state.status !== 'approved' || !asked) return standing;
  const outcome = await attempt(standing, state, tenant, by, rightsOf);
  if (isRejection(outcome) && isPassing(outcome)) return standing;
  const executionId = executionIdOf(state);
  const told = isRejection(outcome)
    ? { result: null, problem: { code: outcome.code, message: outcome.message } }
    : { result: { id: outcome.id, version: outcome.version, position: outcome.position }, problem: null };
  const { correlationId } = asked;
  const system: Caller = {
    tenant,
    actor: { kind: 'system', id: 'approvals' },
    channel: 'system',
    address: null,
    correlationId,
    reason: null,
  };
  // A repeat, or the job being first, is refused or answered as before: either way it is recorded.
  await by.executeAs(
    system,
    completeCommand,
    { approvalId, content: state.content, ...told },
    { commandId: nameId(executionId, told.result ? 'done' : 'failed'), expectedVersion: null },
  );
  return readStanding(by.events, tenant, approvalId);
}

async function attempt(
  { input, asked }: Standing,
  state: Pending,
  tenant: string,
  by: CarryingOut,
  rightsOf: RightsOf,
) {
  const operation = by.operation(state.operation);
  if (!operation || operation.kind !== 'command') {
    return reject('approvals.operation-unknown', `${state.operation} is not there any more.`);
  }
  if (!input || !asked) {
    return reject(
      'approvals.content-erased',
      'The person who asked, or whom it was for, was erased, and what was asked for with him.',
    );
  }
  const caller = await callerOf(state, operation, input, { ...asked, tenant }, rightsOf);
  if (isRejection(caller)) return caller;
  return by.executeAs(caller, operation, input, {
    commandId: executionIdOf(state),
    expectedVersion: state.expectedVersion,
  });
}

/**
 * Who asked, as he asked, with the reach and the duties he has now. That he may do it was asked with each approval, and is
 * asked once more: between the last one and this, a crash and its repair may lie.
 */
export async function callerOf(
  state: Pick<Pending, 'initiator' | 'onBehalfOf'>,
  operation: CommandOperation,
  input: Readonly<Record<string, unknown>>,
  asked: NonNullable<Standing['asked']>,
  rightsOf: RightsOf,
): Promise<Caller | Rejection> {
  const who = { actor: state.initiator, onBehalfOf: state.onBehalfOf };
  const rights = await rightsOf(asked.tenant, rightsHolder(who));
  const granting = rights && grantsFor(operation, input, rights);
  if (granting === null || isRejection(granting)) {
    return reject('approvals.initiator-may-not', 'Whoever asked for this may not do it any more, so it was not done.');
  }
  return {
    tenant: asked.tenant,
    ...who,
    sessionId: null,
    companies: companiesOf(granting),
    parties: partiesOf(granting),
    incompatibleWith: rights?.incompatible.get(operation.permission ?? '') ?? [],
    peers: rights?.peers ?? [],
    channel: asked.channel,
    address: asked.address,
    correlationId: asked.correlationId,
    reason: asked.reason,
  };
}
