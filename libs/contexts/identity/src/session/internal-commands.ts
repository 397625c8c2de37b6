import { randomUUID } from 'node:crypto';
import {
  type Actor,
  type CallOf,
  type CommandOperation,
  type Erased,
  isRejection,
  nameId,
  RejectionError,
} from '@daybook/kernel';
import type { Caller, JobContext, PerformContext } from '@daybook/server';
import { platformTenant } from '../person/person.events.js';

/*
 * Sign-in has no authenticated actor yet, and sign-out may reach other tenants. These internal commands are recorded with
 * the person they concern as the actor, and in the tenant they concern.
 */
export type RequestContext = Pick<PerformContext, 'caller' | 'commandId' | 'executeAs'>;

/** For commands that run outside a request: the operator's set-up and jobs. */
export const requestContextOf = (execute: Erased<JobContext['execute']>, caller: Caller): RequestContext => ({
  caller,
  commandId: randomUUID(),
  executeAs: (as, operation, input, { commandId }) => execute(operation, input, as, commandId),
});

/** The actor as a caller in a tenant, with the channel and the correlation id of the request. The network address is not recorded. */
export const callerAs = ({ caller }: Pick<RequestContext, 'caller'>, actor: Actor, tenant: string): Caller => ({
  tenant,
  actor,
  channel: caller.channel,
  address: null,
  correlationId: caller.correlationId,
  reason: caller.reason,
  // A delegate acts for the person in every command that it reaches.
  ...(actor === caller.actor && caller.onBehalfOf ? { onBehalfOf: caller.onBehalfOf } : {}),
});

/** Executes one internal command. No rule can refuse it: a rejection means a bug or a busy store. */
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

/** An internal command on the record of a person, which is in the platform tenant. */
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
