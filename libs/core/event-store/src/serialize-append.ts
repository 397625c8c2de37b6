import { tenantOfStream } from '@daybook/kernel';
import type { EventToAppend } from './port.js';

/** An event serialized once. */
export interface SerializedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly meta: string;
}

interface SerializedAppend {
  readonly events: readonly SerializedEvent[];
  readonly bytes: number;
}
const serialized = new WeakMap<readonly EventToAppend[], SerializedAppend>();

/** The size of an append in bytes, to which the limit applies. */
export const appendBytes = (events: readonly EventToAppend[]): number => serializeAppend(events).bytes;

/** The JSON of an append and its size, computed once; every adapter has the same limit. */
export function serializeAppend(events: readonly EventToAppend[]): SerializedAppend {
  const known = serialized.get(events);
  if (known) return known;
  if (events.length === 0) throw new Error('An append has at least one event.');
  let bytes = 0;
  const written = events.map(({ id, type, data, meta }) => {
    const event = { id, type, data: JSON.stringify(data), meta: JSON.stringify(meta) };
    bytes += Buffer.byteLength(event.data) + Buffer.byteLength(event.meta);
    return event;
  });
  const append = { events: written, bytes };
  serialized.set(events, append);
  return append;
}

/** The tenant a stream belongs to; a stream without one is a bug. */
export function owningTenant(stream: string): string {
  const tenant = tenantOfStream(stream);
  if (tenant === null) throw new Error(`A stream is named {context}.{aggregate}-{tenant}-{id}, not ${stream}.`);
  return tenant;
}
