import type { AllStreamResolvedEvent, RecordedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMeta } from '@daybook/kernel';
import type { StoredEvent } from '../port.js';

/**
 * Custom metadata is the event's metadata and the number of the attempt that wrote it: the server answers a repeat like a
 * first append, so the attempt found in the stream tells them apart.
 */
export interface WrittenMeta {
  readonly meta: EventMeta;
  readonly attempt: string;
}

/** Links and system events are nobody's business facts. */
export function applicationEvent(resolved: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | null {
  const { event, link } = resolved;
  if (!event || link || event.type.startsWith('$') || event.streamId.startsWith('$')) return null;
  return event as RecordedEvent;
}

/** The client knows metadata as JSON of any shape; what is in our streams, we wrote. */
export const writtenMeta = ({ metadata }: Pick<RecordedEvent, 'metadata'>): WrittenMeta =>
  metadata as unknown as WrittenMeta;

export function asStored(event: RecordedEvent): StoredEvent {
  if (!event.position) throw new Error('EventStoreDB 22.6 or later is needed: older ones give events no position.');
  return {
    id: event.id,
    type: event.type,
    stream: event.streamId,
    revision: Number(event.revision),
    position: event.position.commit,
    recordedAt: event.created.toISOString(),
    data: event.data,
    meta: writtenMeta(event).meta,
  };
}

/** Daybook writes no transactions that span records, so commit and prepare position of its events are the same. */
export const positionOf = (position: bigint) => ({ commit: position, prepare: position });
