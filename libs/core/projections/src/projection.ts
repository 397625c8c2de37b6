import type { EventDeclaration, Recorded, RecordedEvent } from '@daybook/kernel';
import type { TableChange, TableDeclaration } from './table.js';

/**
 * How one event changes rows. A staged event reaches its handler when the event that applies it is
 * recorded: it then carries that event's position, recordedAt and meta, and its own stream, revision and data; `by` is
 * the applying event. For ordinary events `by` is null.
 */
export interface EventHandler {
  readonly event: EventDeclaration;
  changes(event: RecordedEvent, by: RecordedEvent | null): readonly TableChange[];
  /** What the handler does, as text, where that is known: another text is another shape, and is built anew. */
  readonly meaning?: string;
}

export const when = <E extends EventDeclaration>(
  event: E,
  changes: (event: Recorded<E>, by: RecordedEvent | null) => readonly TableChange[],
): EventHandler => ({ event, changes });

/** An event without its data: all that is known of an event whose type a newer program wrote. */
export type Envelope = Omit<RecordedEvent, 'data'>;

/**
 * A projection handles the types in `on`, and, with `every`, the envelope of all events. The types it handles are part of its
 * generation's shape (`shapeOf`): an event of any other type changes none of its rows, whether or not the program knows the type,
 * and a program that handles one more builds another generation. So an unknown type stops a projection only if it handles an older
 * version of the type, or staged events that the unknown one applies.
 */
export interface Projection {
  readonly kind: 'projection';
  /** Kebab case, unique in the product: `trial-balance`. */
  readonly name: string;
  /** Raised when rows or handlers change: the new version is built in parallel to the live one and switched. */
  readonly version: number;
  readonly tables: readonly TableDeclaration[];
  readonly on: readonly EventHandler[];
  /** Sees every unstaged event of the tenant, before `on` (the trail). */
  readonly every: ((event: Envelope) => readonly TableChange[]) | null;
  /** Sees every staged event when it is applied, with its own metadata; `by` is the applying event. */
  readonly everyStaged: ((staged: Envelope, by: Envelope) => readonly TableChange[]) | null;
  /** Channels on which it announces that rows changed (live hints). */
  readonly channels: readonly string[];
}

export const projection = (declared: {
  name: string;
  version: number;
  tables: readonly TableDeclaration[];
  on?: readonly EventHandler[];
  every?: (event: Envelope) => readonly TableChange[];
  everyStaged?: (staged: Envelope, by: Envelope) => readonly TableChange[];
  channels?: readonly string[];
}): Projection => ({
  kind: 'projection',
  on: [],
  every: null,
  everyStaged: null,
  channels: [],
  ...declared,
});
