import type { EventCatalogue, StoredEvent } from '@daybook/event-store';
import type { EventDeclaration, EventEffect, RecordedEvent } from '@daybook/kernel';
import { isInfrastructureError } from './errors.js';
import type { Envelope } from './projection.js';

/**
 * An event ready for handlers. One that cannot be read (its type is unknown, a newer version of it was written, its data
 * cannot be opened) has its envelope alone, and says in `effect` what its type does besides being handled.
 */
export type Decoded = {
  readonly stored: StoredEvent;
  /** Position of the event before in $all; positions are opaque, so it cannot be reckoned. */
  readonly after: bigint;
} & (
  | { readonly event: RecordedEvent; readonly declaration: EventDeclaration; readonly error: null }
  | { readonly event: null; readonly envelope: Envelope; readonly effect: EventEffect; readonly error: Error }
);

/** `accounting.entry-posted.v1` is called `accounting.entry-posted` in code. */
export const eventName = (wireType: string): string => wireType.replace(/\.v\d+$/, '');

/** Opens events. Staged events are left out: they count for nothing until they are applied. */
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
  // The address may be sealed, and nobody opened it.
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
