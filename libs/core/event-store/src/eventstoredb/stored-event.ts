import type { AllStreamResolvedEvent, RecordedEvent, ResolvedEvent } from '@eventstore/db-client';
import type { EventMeta } from '@daybook/kernel';
import type { StoredEvent } from '../port.js';

/**
 * Custom metadata has the event's metadata and the id of the attempt that wrote it: the server answers a repeat like a first
 * append, and the attempt in the stream distinguishes them.
 */
export interface WrittenMeta {
  readonly meta: EventMeta;
  readonly attempt: string;
}

/** Links and system events are not application events. */
export function applicationEvent(resolved: ResolvedEvent | AllStreamResolvedEvent): RecordedEvent | null {
  const { event, link } = resolved;
  if (!event || link || event.type.startsWith('$') || event.streamId.startsWith('$')) return null;
  return event as RecordedEvent;
}

/** To the client, metadata is any JSON; that in our streams was written by us. */
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

/** Daybook does not use EventStoreDB's transactions, so commit and prepare position are the same. */
export const positionOf = (position: bigint) => ({ commit: position, prepare: position });
