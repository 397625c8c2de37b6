import { event, newId, platformTenant, streamName } from '@daybook/kernel';
import * as z from 'zod';
import { wireType } from './catalogue-of.js';
import type { EventStore, EventToAppend } from './port.js';

/*
 * A log has an identity of its own (docs/adr/0041): an event in a stream of its own, written once. Read models note whose
 * they are, so that a log in the place of another one is noticed. The newest event of the stream counts: a copy of a log
 * holds the original's, and gets one of its own behind it.
 */
export const logIdentified = event('platform.log-identified', {
  data: z.object({
    logId: z.uuid(),
    /** The log that this one is a copy of; null for one that began by itself. */
    copyOf: z.uuid().nullable(),
  }),
  record: ({ logId }) => ({ type: 'platform.log', id: logId }),
});

export const logIdentityStream = streamName('platform.log', platformTenant, 'identity');

type Log = Pick<EventStore, 'append' | 'readStream'>;

async function newest(store: Log): Promise<{ logId: string; revision: number } | null> {
  for await (const { data, revision } of store.readStream(logIdentityStream, { backwards: true, limit: 1 })) {
    return { logId: logIdentified.data.parse(data).logId, revision };
  }
  return null;
}

/** null for a log that has none yet: an empty one, or one from before there were identities. */
export const logIdentity = async (store: Log): Promise<string | null> => (await newest(store))?.logId ?? null;

/** The identity of the log; it gets one if it has none. Of several processes that start at once, one writes it. */
export async function identifyLog(store: Log): Promise<string> {
  for (;;) {
    const known = await newest(store);
    if (known) return known.logId;
    const written = logIdentified.of({ logId: newId(), copyOf: null });
    const outcome = await store.append(logIdentityStream, 'none', [toAppend(written)]);
    if (outcome.kind === 'appended') return written.data.logId;
  }
}

/** For whatever copies a log, as its last step: read models of the original are refused on the copy. Answers the new identity. */
export async function identifyCopy(store: Log): Promise<string> {
  for (;;) {
    const original = await newest(store);
    const written = logIdentified.of({ logId: newId(), copyOf: original?.logId ?? null });
    const outcome = await store.append(logIdentityStream, original?.revision ?? 'none', [toAppend(written)]);
    if (outcome.kind === 'appended') return written.data.logId;
  }
}

/** Written by the program itself, beside all commands: there may be no catalogue and no tenant yet. */
function toAppend({ data }: ReturnType<typeof logIdentified.of>): EventToAppend {
  const commandId = newId();
  return {
    id: newId(),
    type: wireType(logIdentified.name, logIdentified.version),
    data,
    meta: {
      tenant: platformTenant,
      actor: { kind: 'system', id: 'event-store' },
      operation: 'platform.log.identify',
      commandId,
      index: 0,
      count: 1,
      correlationId: commandId,
      causationId: null,
      channel: 'system',
      address: null,
      reason: null,
      inputHmac: '',
      record: { ...logIdentified.record(data), version: 1 },
    },
  };
}
