import type { EventDeclaration, RecordedEvent, RecordEvent, RecordType } from '@daybook/kernel';

/*
 * What an event of a record changed: names and values as they are kept, which the console puts into words. Such events say only
 * what changes, so what was before is folded from the record's earlier events.
 */
type Values = Readonly<Record<string, unknown>>;
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}
export interface Around {
  readonly before: Values;
  readonly after: Values;
  /** The record's first event is among them, so that a field of which nothing was said was empty. */
  readonly fromItsFirst: boolean;
}

export const recordEventOf = (declaration: EventDeclaration | undefined): RecordEvent | null =>
  declaration && 'sets' in declaration ? (declaration as RecordEvent) : null;

/** The record before and after the last of its events. An event that is not known is left out. */
export function recordAround(
  events: readonly (RecordedEvent | undefined)[],
  declared: ReadonlyMap<string, EventDeclaration>,
): Around {
  let [before, after, fromItsFirst]: [Values, Values, boolean] = [{}, {}, false];
  for (const event of events) {
    before = after;
    const declaration = recordEventOf(declared.get(event?.type ?? ''));
    if (!event || !declaration) continue;
    after = { ...after, ...declaration.sets?.(event.data as Values) };
    // What is created had nothing before.
    if (declaration.creates) [before, fromItsFirst] = [after, true];
  }
  return { before, after, fromItsFirst };
}

export function recordChanges({ fields }: RecordType, { before, after, fromItsFirst }: Around): FieldChange[] {
  const written = (value: unknown): string => (value === null ? '' : String(value));
  return Object.keys(fields).flatMap((field) => {
    const [was, is] = [before[field] ?? null, after[field] ?? null];
    if (was === is || !(field in before || fromItsFirst)) return [];
    return [{ field, before: written(was), after: written(is) }];
  });
}
