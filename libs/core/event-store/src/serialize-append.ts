import { tenantOfStream } from '@daybook/kernel';
import type { EventToAppend } from './port.js';

/** An event as it goes over the wire, written once. */
export interface SerializedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
}

/** The JSON of an append and its size; every adapter refuses the same ones. */
export function serializeAppend(events: readonly EventToAppend[]): { events: SerializedEvent[]; bytes: number } {
  if (events.length === 0) throw new Error('An append has at least one event.');
  let bytes = 0;
  const written = events.map(({ id, type, data, meta }) => {
    const event = { id, type, data: JSON.stringify(data), meta: JSON.stringify(meta) };
    bytes += Buffer.byteLength(event.data) + Buffer.byteLength(event.meta);
    return event;
  });
  return { events: written, bytes };
}

/** The tenant a stream belongs to; a stream without one is a bug. */
export function owningTenant(stream: string): string {
  const tenant = tenantOfStream(stream);
  if (tenant === null) throw new Error(`A stream is named {context}.{aggregate}-{tenant}-{id}, not ${stream}.`);
  return tenant;
}
