import type { EventCatalogue, StoredEvent } from '@daybook/event-store';
import type { EventDeclaration, EventEffect, RecordedEvent } from '@daybook/kernel';
import { isInfrastructureError } from './errors.js';
import type { Envelope } from './projection.js';

/**
 * An event for handlers. An unreadable one (unknown type, newer version, data that cannot be unsealed) has only its envelope, and
 * `effect` says what its type does to read models that do not handle it.
 */
export type Decoded = {
  readonly stored: StoredEvent;
  /** Position of the previous event in $all; positions are opaque, so it cannot be computed. */
  readonly after: bigint;
} & (
  | { readonly event: RecordedEvent; readonly declaration: EventDeclaration; readonly error: null }
  | { readonly event: null; readonly envelope: Envelope; readonly effect: EventEffect; readonly error: Error }
);

/** `accounting.entry-posted.v1` is called `accounting.entry-posted` in code. */
export const eventName = (wireType: string): string => wireType.replace(/\.v\d+$/, '');

/** Decodes and unseals events. Staged events are skipped, since they have no effect until they are applied. */
export async function decode(
  catalogue: EventCatalogue,
  events: readonly StoredEvent[],
  from: bigint,
): Promise<Decoded[]> {
  const decoded: Decoded[] = [];
  await catalogue.prefetchKeys(events.filter((stored) => !isStaged(catalogue, stored)));
  let after = from;
  for (const stored of events) {
    if (!isStaged(catalogue, stored)) decoded.push(await decodeOne(catalogue, stored, after));
    after = stored.position;
  }
  return decoded;
}

export const isStaged = (catalogue: EventCatalogue, { type, meta }: StoredEvent): boolean =>
  catalogue.declaration(eventName(type))?.staged ?? meta.effect?.staged ?? false;

export async function decodeOne(catalogue: EventCatalogue, stored: StoredEvent, after: bigint): Promise<Decoded> {
  try {
    const event = await catalogue.fromStore(stored);
    const declaration = catalogue.declaration(event.type);
    if (!declaration) throw new Error(`${event.type} is not declared.`);
    return { stored, after, event, declaration, error: null };
  } catch (error) {
    if (isInfrastructureError(error)) throw error;
    const effect = stored.meta.effect ?? {};
    return { stored, after, event: null, envelope: envelopeOf(stored), effect, error: error as Error };
  }
}

function envelopeOf({ type, id, stream, revision, position, recordedAt, meta }: StoredEvent): Envelope {
  const version = Number(/\.v(\d+)$/.exec(type)?.[1] ?? 1);
  // The address may be sealed, and was not unsealed.
  return {
    id,
    type: eventName(type),
    version,
    stream,
    revision,
    position,
    recordedAt,
    meta: { ...meta, address: null },
  };
}
