import type { EventDeclaration, RecordedEvent, RecordEvent, RecordType } from '@daybook/kernel';

/*
 * What an event of a record changed, in the words of its fields. Such events say only what changes, so what was before is
 * folded from the record's earlier events: they are in a stream of its own.
 */
type Values = Readonly<Record<string, unknown>>;
export interface FieldChange {
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** Longer streams are compared with the event before alone. */
const mostEvents = 500;

export const setsOf = (declaration: EventDeclaration | undefined): RecordEvent['sets'] =>
  declaration && 'sets' in declaration ? (declaration as RecordEvent).sets : null;

/** The stream is of one record, whose events say what they set, and short enough to be read whole. */
export const isWholeRecord = (
  row: { readonly stream: string; readonly recordId: string; readonly revision: number },
  declaration: EventDeclaration | undefined,
): boolean => setsOf(declaration) !== null && row.stream.endsWith(`-${row.recordId}`) && row.revision < mostEvents;

/** The record before and after the last of its events. An event that is not known is left out. */
export function recordAround(
  events: readonly (RecordedEvent | undefined)[],
  declared: ReadonlyMap<string, EventDeclaration>,
): { readonly before: Values; readonly after: Values } {
  let [before, after]: [Values, Values] = [{}, {}];
  for (const event of events) {
    before = after;
    if (event) after = { ...after, ...setsOf(declared.get(event.type))?.(event.data as Values) };
  }
  return { before, after };
}

/** A new record changed nothing. Each field by its label, each word of a choice by its own. */
export function recordChanges({ fields }: RecordType, before: Values, after: Values): FieldChange[] {
  if (Object.keys(before).length === 0) return [];
  return Object.entries(fields).flatMap(([name, { label, words }]) => {
    const [was, is] = [before[name] ?? null, after[name] ?? null];
    if (was === is) return [];
    const written = (value: unknown): string =>
      value === null ? '' : (words?.[String(value)]?.label ?? String(value));
    return [{ field: label, before: written(was), after: written(is) }];
  });
}
