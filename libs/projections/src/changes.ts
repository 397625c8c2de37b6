import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import type { Projection } from './projection.js';
import type { RowChange } from './table.js';

/** What one ordinary event changes: first what `every` says, then the handlers of its type, in their order. */
export const changesOf = (projection: Projection, event: RecordedEvent): RowChange[] =>
  own(projection, [...(projection.every?.(event) ?? []), ...handled(projection, event, null)]);

/** What a staged event changes when `by` applies it: it takes effect at that event's place, in its name (DECISIONS 5). */
export const stagedChangesOf = (projection: Projection, staged: RecordedEvent, by: RecordedEvent): RowChange[] =>
  own(projection, [
    ...(projection.everyStaged?.(staged, by) ?? []),
    ...handled(projection, { ...staged, position: by.position, recordedAt: by.recordedAt, meta: by.meta }, by),
  ]);

const handled = (projection: Projection, event: RecordedEvent, by: RecordedEvent | null): RowChange[] =>
  projection.on.filter((h) => h.event.name === event.type).flatMap((h) => [...h.changes(event, by)]);

export const readsStaged = (projection: Projection): boolean =>
  projection.everyStaged !== null || projection.on.some((h) => h.event.staged);

/** The staged stream an event applies; null for all others. */
export const appliedBy = (declaration: EventDeclaration, event: RecordedEvent) =>
  declaration.applies?.(event.data) ?? null;

function own(projection: Projection, changes: RowChange[]): RowChange[] {
  const foreign = changes.find(({ table }) => !projection.tables.includes(table));
  if (foreign) throw new Error(`${foreign.table.name} is no table of ${projection.name}`);
  return changes;
}
