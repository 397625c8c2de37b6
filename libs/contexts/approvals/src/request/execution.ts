import { type CommandOperation, isRejection, nameId, reject, type Rejection } from '@daybook/kernel';
import {
  type Caller,
  allRowsOf,
  companiesOf,
  type OnBehalfExecutor,
  type EventReader,
  grantsFor,
  partiesOf,
  rightsHolder,
  type RightsOf,
} from '@daybook/server';
import type { ApprovalRequest } from './request.state.js';
import { executionIdOf, loadRequest, type LoadedRequest } from './load-request.js';
import { completeRequest, failRequest } from './request.internal.js';

/*
 * An approved request is carried out in the requester's name, under ids derived from the request. That is idempotent, so
 * after a crash at any point it is simply repeated, by the approving call or by a job.
 */
export interface RequestExecutor extends OnBehalfExecutor {
  readonly events: EventReader;
}

/** What stands in the way only for now: the command stays approved, and is tried again. */
const isTemporary = ({ status }: Rejection): boolean => status === 503 || status === 429;

/** Carries out what is approved and records what became of it; answers where it then stands. */
export async function executeApproved(
  tenant: string,
  requestId: string,
  by: RequestExecutor,
  rightsOf: RightsOf,
): Promise<LoadedRequest> {
  const loaded = await loadRequest(by.events, tenant, requestId);
  const { state, meta } = loaded;
  if (state.status !== 'approved' || !meta) return loaded;
  const outcome = await attempt(loaded, state, tenant, by, rightsOf);
  if (isRejection(outcome) && isTemporary(outcome)) return loaded;
  const executionId = executionIdOf(state);
  const of = { requestId, contentVersion: state.contentVersion };
  const { correlationId } = meta;
  const system: Caller = {
    tenant,
    actor: { kind: 'system', id: 'approvals' },
    channel: 'system',
    address: null,
    correlationId,
    reason: null,
  };
  // A repeat, or the job being first, is refused or answered as before: either way it is recorded.
  if (isRejection(outcome)) {
    const problem = { code: outcome.code, message: outcome.message };
    const as = { commandId: nameId(executionId, 'failed'), expectedVersion: null };
    await by.executeAs(system, failRequest, { ...of, problem }, as);
  } else {
    const result = { id: outcome.id, version: outcome.version, position: outcome.position };
    const as = { commandId: nameId(executionId, 'completed'), expectedVersion: null };
    await by.executeAs(system, completeRequest, { ...of, result }, as);
  }
  return loadRequest(by.events, tenant, requestId);
}

async function attempt(
  { input, meta }: LoadedRequest,
  state: ApprovalRequest,
  tenant: string,
  by: RequestExecutor,
  rightsOf: RightsOf,
) {
  const operation = by.operation(state.operation);
  if (!operation || operation.kind !== 'command') {
    return reject('approvals.operation-not-found', `${state.operation} no longer exists.`);
  }
  if (!input || !meta) {
    return reject(
      'approvals.content-erased',
      'The requester, or the person the request was for, was erased, and the content of the request with them.',
    );
  }
  const caller = await initiatorCaller(state, operation, input, { ...meta, tenant }, rightsOf);
  if (isRejection(caller)) return caller;
  return by.executeAs(caller, operation, input, {
    commandId: executionIdOf(state),
    expectedVersion: state.expectedVersion,
  });
}

/**
 * The requester as they submitted it, with the reach and the segregation of duties that hold now. Each approval checked
 * their rights; they are checked once more, because a crash may lie between the last approval and this.
 */
export async function initiatorCaller(
  state: Pick<ApprovalRequest, 'initiator' | 'onBehalfOf'>,
  operation: CommandOperation,
  input: Readonly<Record<string, unknown>>,
  asked: NonNullable<LoadedRequest['meta']>,
  rightsOf: RightsOf,
): Promise<Caller | Rejection> {
  const who = { actor: state.initiator, onBehalfOf: state.onBehalfOf };
  const rights = await rightsOf(asked.tenant, rightsHolder(who));
  const granting = rights && grantsFor(operation, input, rights);
  if (granting === null || isRejection(granting)) {
    return reject(
      'approvals.initiator-not-permitted',
      'The requester is no longer permitted to do this, so it was not done.',
    );
  }
  return {
    tenant: asked.tenant,
    ...who,
    sessionId: null,
    companies: companiesOf(granting),
    parties: partiesOf(granting),
    allRows: allRowsOf(rights?.grants ?? [], operation.scope === 'company' ? input['companyId'] : undefined),
    ...(rights && { incompatible: rights.incompatible, peers: rights.peers ?? [] }),
    channel: asked.channel,
    address: asked.address,
    correlationId: asked.correlationId,
    reason: asked.reason,
  };
}
