import type { EventCatalogue, StoredEvent } from '@daybook/event-store';
import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import { isInfrastructure } from './failure.js';

/** An event ready for handlers; `error` where it cannot be read, which parks every projection for its tenant. */
export type Decoded = {
  readonly stored: StoredEvent;
  /** Position of the event before in $all; positions are opaque, so it cannot be reckoned. */
  readonly after: bigint;
} & (
  | { readonly event: RecordedEvent; readonly declaration: EventDeclaration; readonly error: null }
  | { readonly event: null; readonly declaration: null; readonly error: Error }
);

/** `accounting.entry-posted.v1` is called `accounting.entry-posted` in code. */
export const eventName = (wireType: string): string => wireType.replace(/\.v\d+$/, '');

/**
 * Lifts events to their newest version. Staged events are left out: they count for nothing until they are applied. A
 * type this program does not know is an error, because nobody can tell what it would have changed.
 */
export async function decode(
  catalogue: EventCatalogue,
  events: readonly StoredEvent[],
  from: bigint,
): Promise<Decoded[]> {
  const decoded: Decoded[] = [];
  let after = from;
  for (const stored of events) {
    if (!catalogue.declaration(eventName(stored.type))?.staged) {
      decoded.push(await decodeOne(catalogue, stored, after));
    }
    after = stored.position;
  }
  return decoded;
}

export async function decodeOne(catalogue: EventCatalogue, stored: StoredEvent, after: bigint): Promise<Decoded> {
  const unreadable = (error: Error): Decoded => ({ stored, after, event: null, declaration: null, error });
  try {
    const event = await catalogue.fromStore(stored);
    const declaration = event && catalogue.declaration(event.type);
    if (event && declaration) return { stored, after, event, declaration, error: null };
    return unreadable(new Error(`This program does not know ${stored.type}`));
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    return unreadable(error as Error);
  }
}
