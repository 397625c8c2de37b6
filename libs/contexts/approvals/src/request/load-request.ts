import { type EventMeta, isEventOf, nameId, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { newIdOf, stepIdOf } from '@daybook/server/command/command-executor';
import { requestDecider } from './request.decider.js';
import { requestEvents } from './request.events.js';
import { submitRequest } from './request.internal.js';
import type { RequestState, ApprovalRequest } from './request.state.js';

export const requestStream = (tenant: string, requestId: string): string =>
  streamName('approvals.request', tenant, requestId);

/** Every repeat of a request finds what it held before. It is the new id of the step that submits it, so that it begins its stream. */
export const requestIdOf = (commandId: string): string => newIdOf(stepIdOf(commandId, submitRequest));

/** The first content goes under the request's own id, so that the request's repeat is the same command to its stream. */
export const executionIdOf = ({
  commandId,
  contentVersion,
}: Pick<ApprovalRequest, 'commandId' | 'contentVersion'>): string =>
  contentVersion === 1 ? commandId : nameId(requestIdOf(commandId), 'execution', String(contentVersion));

/** Where a pending command stands, with what the decider does not need: its input, and how it was asked for. */
export interface LoadedRequest {
  readonly state: RequestState;
  /** null once the requester is erased. */
  readonly input: Readonly<Record<string, unknown>> | null;
  /** Of the request that was held; null when there is none. */
  readonly meta: EventMeta | null;
  readonly position: string;
  readonly recordedAt: string;
}

export async function loadRequest(events: EventReader, tenant: string, requestId: string): Promise<LoadedRequest> {
  let loaded: LoadedRequest = {
    state: requestDecider.initial,
    input: null,
    meta: null,
    position: '0',
    recordedAt: '',
  };
  for await (const recorded of events.stream(requestStream(tenant, requestId))) {
    if (!isEventOf(requestEvents, recorded)) continue;
    loaded = {
      state: requestDecider.evolve(loaded.state, recorded, recorded),
      input: 'input' in recorded.data ? recorded.data.input : loaded.input,
      meta: loaded.meta ?? recorded.meta,
      position: String(recorded.position),
      recordedAt: recorded.recordedAt,
    };
  }
  return loaded;
}
