import { type EventMeta, nameId, streamName } from '@daybook/kernel';
import type { EventReader } from '@daybook/server';
import { approvalDecider } from './approval.decider.js';
import { type ApprovalEvent, approvalEvents } from './approval.events.js';
import type { ApprovalState, Pending } from './approval.state.js';

export const approvalStream = (tenant: string, approvalId: string): string =>
  streamName('approvals.command', tenant, approvalId);

/** Every repeat of a request finds what it held before. */
export const approvalIdOf = (commandId: string): string => nameId(commandId, 'approval');

/** The first content goes under the request's own id, so that the request's repeat is the same command to its stream. */
export const executionIdOf = ({ commandId, content }: Pick<Pending, 'commandId' | 'content'>): string =>
  content === 1 ? commandId : nameId(approvalIdOf(commandId), 'execution', String(content));

/** Where a pending command stands, with what the decider does not need: its input, and how it was asked for. */
export interface Standing {
  readonly state: ApprovalState;
  /** null once the person who asked is erased. */
  readonly input: Readonly<Record<string, unknown>> | null;
  /** Of the request that was held; null when there is none. */
  readonly asked: EventMeta | null;
  readonly position: string;
  readonly recordedAt: string;
}

export async function readStanding(events: EventReader, tenant: string, approvalId: string): Promise<Standing> {
  let standing: Standing = {
    state: approvalDecider.initial,
    input: null,
    asked: null,
    position: '0',
    recordedAt: '',
  };
  for await (const recorded of events.stream(approvalStream(tenant, approvalId))) {
    if (!approvalEvents.some(({ name }) => name === recorded.type)) continue;
    const event = recorded as unknown as ApprovalEvent;
    standing = {
      state: approvalDecider.evolve(standing.state, event, recorded),
      input: 'input' in event.data ? event.data.input : standing.input,
      asked: standing.asked ?? recorded.meta,
      position: String(recorded.position),
      recordedAt: recorded.recordedAt,
    };
  }
  return standing;
}
