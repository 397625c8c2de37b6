import type { EventDeclaration, RecordedEvent } from '@daybook/kernel';
import type { Decoded } from './decode.js';
import type { Projection } from './projection.js';
import type { TableChange } from './table.js';

/** The changes of an ordinary event: those of `every`, then of the handlers of its type, in their order. */
export const changesOf = (projection: Projection, event: RecordedEvent): TableChange[] =>
  own(projection, [...(projection.every?.(event) ?? []), ...handled(projection, event, null)]);

/** The changes of an unreadable event: those of `every` for its envelope. Throws if the projection handles its type. */
export function changesOfUnread(
  projection: Projection,
  { envelope, effect, error }: Extract<Decoded, { event: null }>,
): TableChange[] {
  if (handles(projection, envelope.type) || (effect.applies && readsStaged(projection))) throw error;
  return own(projection, [...(projection.every?.(envelope) ?? [])]);
}

/** The same for a staged event that `by` applies. */
export function stagedChangesOfUnread(
  projection: Projection,
  { envelope, error }: Extract<Decoded, { event: null }>,
  by: RecordedEvent,
): TableChange[] {
  if (handles(projection, envelope.type)) throw error;
  return own(projection, [...(projection.everyStaged?.(envelope, by) ?? [])]);
}

const handles = (projection: Projection, type: string): boolean => projection.on.some((h) => h.event.name === type);

/** The changes of a staged event that `by` applies: they take effect at the position of `by`, with its metadata. */
export const stagedChangesOf = (projection: Projection, staged: RecordedEvent, by: RecordedEvent): TableChange[] =>
  own(projection, [
    ...(projection.everyStaged?.(staged, by) ?? []),
    ...handled(projection, { ...staged, position: by.position, recordedAt: by.recordedAt, meta: by.meta }, by),
  ]);

const handled = (projection: Projection, event: RecordedEvent, by: RecordedEvent | null): TableChange[] =>
  projection.on.filter((h) => h.event.name === event.type).flatMap((h) => [...h.changes(event, by)]);

export const readsStaged = (projection: Projection): boolean =>
  projection.everyStaged !== null || projection.on.some((h) => h.event.staged);

/** The staged stream an event applies; null for all others. */
export const appliedBy = (declaration: EventDeclaration, event: RecordedEvent) =>
  declaration.applies?.(event.data) ?? null;

function own(projection: Projection, changes: TableChange[]): TableChange[] {
  const foreign = changes.find(({ table }) => !projection.tables.includes(table));
  if (foreign) throw new Error(`${foreign.table.name} is no table of ${projection.name}`);
  return changes;
}
