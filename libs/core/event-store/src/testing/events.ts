import { newId, type EventMeta } from '@daybook/kernel';
import type { EventToAppend, StoredEvent } from '../port.js';

/** Metadata as the command executor would fill it. */
export const metaFor = (tenant: string, more: Partial<EventMeta> = {}): EventMeta => ({
  tenant,
  actor: { kind: 'system', id: 'spec' },
  operation: 'spec.note.write',
  commandId: newId(),
  index: 0,
  count: 1,
  correlationId: newId(),
  causationId: null,
  channel: 'system',
  address: null,
  reason: null,
  inputHmac: '',
  record: { type: 'spec.note', id: newId(), version: 1 },
  ...more,
});

export const noteFor = (tenant: string, text = 'a note', id = newId()): EventToAppend => ({
  id,
  type: 'spec.note-written.v1',
  data: { text },
  meta: metaFor(tenant),
});

/** The text of a note, as it was stored. */
export const textOf = (event: StoredEvent): string => (event.data as { text: string }).text;
