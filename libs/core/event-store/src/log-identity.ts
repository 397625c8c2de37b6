import { event, newId, platformTenant, streamName } from '@daybook/kernel';
import { dataFormat, type DataPlace, requireFormat } from '@daybook/kernel/data-format';
import * as z from 'zod';
import { wireType } from './sealing-catalogue.js';
import type { EventStore, EventToAppend } from './port.js';

/*
 * A log has an identity (docs/adr/0041): an event in a stream of its own, written once. Read models record the identity of their
 * log, so that another log in its place is noticed. The newest event of the stream counts: a copy of a log contains that of the
 * original, and gets one of its own after it. The identity names the format of the log (docs/adr/0049): `logId` and `format`
 * keep their names in every version, since each version must recognise formats that it cannot read.
 */
export const logIdentified = event('platform.log-identified', {
  version: 2,
  data: z.object({
    logId: z.uuid(),
    format: z.int(),
    /** The log that this one is a copy of; null for an original. */
    copyOf: z.uuid().nullable(),
  }),
  record: ({ logId }) => ({ type: 'platform.log', id: logId }),
});

export const logIdentityStream = streamName('platform.log', platformTenant, 'identity');

type Log = Pick<EventStore, 'append' | 'readStream'>;

/** In any version. Daybook 0.1 wrote no format. */
const anyIdentity = z.object({ logId: z.uuid(), format: z.int().default(1) });

async function newest(store: Pick<Log, 'readStream'>) {
  for await (const { data, revision } of store.readStream(logIdentityStream, { backwards: true, limit: 1 })) {
    return { ...anyIdentity.parse(data), revision };
  }
  return null;
}

/** Throws DataFormatError for a log of another version; an empty log is new. Only reads. */
export async function requireLogFormat(
  store: Pick<EventStore, 'readStream' | 'head'>,
  place: DataPlace,
): Promise<void> {
  // The identity is written first: read after the head, it exists if there are any events.
  const isEmpty = (await store.head()) === 0n;
  const identity = await newest(store);
  if (identity || !isEmpty) requireFormat(place, identity?.format ?? 1);
}

/** null if the log has none yet. */
export const logIdentity = async (store: Log): Promise<string | null> => (await newest(store))?.logId ?? null;

/** The identity of the log; writes one if there is none. Of several processes that start at once, one writes it. */
export async function identifyLog(store: Log): Promise<string> {
  for (;;) {
    const known = await newest(store);
    if (known) return known.logId;
    const written = logIdentified.of({ logId: newId(), format: dataFormat, copyOf: null });
    const outcome = await store.append(logIdentityStream, 'none', [toAppend(written)]);
    if (outcome.kind === 'appended') return written.data.logId;
  }
}

/** The last step of copying a log, so that read models of the original are refused on the copy. Returns the new identity. */
export async function identifyCopy(store: Log): Promise<string> {
  for (;;) {
    const original = await newest(store);
    const { logId: copyOf = null, format = dataFormat } = original ?? {};
    const written = logIdentified.of({ logId: newId(), format, copyOf });
    const outcome = await store.append(logIdentityStream, original?.revision ?? 'none', [toAppend(written)]);
    if (outcome.kind === 'appended') return written.data.logId;
  }
}

/** Written by the program itself, not by a command: there may be no catalogue and no tenant yet. */
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
