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

export function recordChanges({ id, fields }: RecordType, { before, after, fromItsFirst }: Around): FieldChange[] {
  return Object.entries(fields).flatMap(([field, { kind }]) => {
    if (field === id || !(field in before || fromItsFirst)) return [];
    const [was, is] = [before[field] ?? null, after[field] ?? null];
    if (kind === 'custom') return customChanges(was as Values | null, is as Values | null);
    return was === is ? [] : [{ field, before: written(was), after: written(is) }];
  });
}

/** Each custom field is a change of its own. */
export function customChanges(was: Values | null, is: Values | null): FieldChange[] {
  const keys = [...new Set([...Object.keys(was ?? {}), ...Object.keys(is ?? {})])].sort();
  return keys
    .map((key) => ({ key, before: was?.[key] ?? null, after: is?.[key] ?? null }))
    .filter(({ before, after }) => before !== after)
    .map(({ key, before, after }) => ({ field: `custom.${key}`, before: written(before), after: written(after) }));
}
const written = (value: unknown): string => (value === null ? '' : String(value));

/** What an event of a record that is not of the kit says of custom fields: the whole map, against the event before. */
export const customChangesIn = (before: unknown, after: unknown): FieldChange[] => {
  const said = after as { custom?: Values | null } | undefined;
  return said?.custom === undefined ? [] : customChanges((before as typeof said)?.custom ?? null, said.custom);
};
