import { randomUUID } from 'node:crypto';
import { type Actor, type CallOf, type CommandOperation, isRejection, nameId, RejectionError } from '@daybook/kernel';
import type { Caller, JobContext, PerformContext } from '@daybook/server';
import { platformTenant } from '../person/person.events.js';

/*
 * Signing in is done by nobody yet, and signing out may reach other tenants: these steps are recorded in the name and in
 * the tenant of whom they concern, whoever sent the request.
 */
export type RequestContext = Pick<PerformContext, 'caller' | 'commandId' | 'executeAs'>;

/** For what runs outside a request: the operator's set-up, jobs. */
export const requestContextOf = (execute: JobContext['execute'], caller: Caller): RequestContext => ({
  caller,
  commandId: randomUUID(),
  executeAs: (as, operation, input, { commandId }) => execute(operation, input as never, as, commandId),
});

/** A caller in a tenant, with the channel and the trace of the request. The network address stays out of the record. */
export const callerAs = ({ caller }: Pick<RequestContext, 'caller'>, actor: Actor, tenant: string): Caller => ({
  tenant,
  actor,
  channel: caller.channel,
  address: null,
  correlationId: caller.correlationId,
  reason: caller.reason,
});

/** Executes one step. It cannot be refused by a rule: whatever says no is a bug, or the store that is busy. */
export async function runInternal<O extends CommandOperation>(
  asking: RequestContext,
  caller: Caller,
  operation: O,
  input: CallOf<O>,
): Promise<void> {
  const names = [operation.name, caller.tenant, ...Object.values(input as object).map(String)];
  const outcome = await asking.executeAs(caller, operation, input, {
    commandId: nameId(asking.commandId, ...names),
    expectedVersion: null,
  });
  if (isRejection(outcome)) throw new RejectionError(outcome);
}

/** A step in the record of a person, which stands under the platform's tenant. */
export const runForPerson = <O extends CommandOperation>(
  asking: RequestContext,
  personId: string,
  operation: O,
  input: CallOf<O>,
): Promise<void> => {
  const { actor } = asking.caller;
  const by: Actor = actor.id === 'anonymous' ? { kind: 'person', id: personId } : actor;
  return runInternal(asking, callerAs(asking, by, platformTenant), operation, input);
};
