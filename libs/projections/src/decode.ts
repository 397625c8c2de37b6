import type { EventCatalogue, StoredEvent } from '@daybook/event-store';
import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import { isInfrastructure } from './failure.js';

/** An event ready for handlers; `error` where it cannot be read, which parks every projection for its tenant. */
export type Decoded =
  | { readonly stored: StoredEvent; readonly event: RecordedEvent; readonly declaration: EventDeclaration; readonly error: null }
  | { readonly stored: StoredEvent; readonly event: null; readonly declaration: null; readonly error: Error }; // prettier-ignore

/** `accounting.entry-posted.v1` is called `accounting.entry-posted` in code. */
export const eventName = (wireType: string): string => wireType.replace(/\.v\d+$/, '');

/**
 * Lifts events to their newest version. Staged events are left out: they count for nothing until they are applied. A
 * type this program does not know is an error, because nobody can tell what it would have changed.
 */
export async function decode(catalogue: EventCatalogue, events: readonly StoredEvent[]): Promise<Decoded[]> {
  const decoded: Decoded[] = [];
  for (const stored of events) {
    if (catalogue.declaration(eventName(stored.type))?.staged) continue;
    decoded.push(await decodeOne(catalogue, stored));
  }
  return decoded;
}

export async function decodeOne(catalogue: EventCatalogue, stored: StoredEvent): Promise<Decoded> {
  try {
    const event = await catalogue.fromStore(stored);
    const declaration = event && catalogue.declaration(event.type);
    if (event && declaration) return { stored, event, declaration, error: null };
    return { stored, event: null, declaration: null, error: new Error(`This program does not know ${stored.type}`) };
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    return { stored, event: null, declaration: null, error: error as Error };
  }
}
