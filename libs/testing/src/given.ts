import type { EventDeclaration, NewEvent } from '@daybook/kernel';
import type { Projection } from '@daybook/projections';
import { recorded, rowsAfter, type TableRows } from '@daybook/projections/testing/given';

/*
 * How deciders and read models are specified: given events, when a command, then events or a rejection; given events, then rows.
 *
 *   const { given } = deciding(contactAggregate);
 *   expect(outcome(given(created).when('crm.contact.archive', { id }))).toEqual([contactArchived.of({ id })]);
 *   expect(projected(contactProjection, [created, archived])['contacts']).toMatchObject([{ status: 'archived' }]);
 */
export * from '@daybook/kernel/testing/given';

/** Rows after events that a decider made: recorded one after the other, each with its record's version. */
export function projected(projection: Projection, events: readonly NewEvent[]): TableRows {
  const declared = new Map<string, EventDeclaration>(projection.on.map(({ event }) => [event.name, event]));
  const versions = new Map<string, number>();
  return rowsAfter(
    projection,
    events.flatMap(({ type, data }) => {
      const declaration = declared.get(type);
      if (!declaration) return [];
      const record = declaration.record(data);
      const version = (versions.get(record.id) ?? 0) + 1;
      versions.set(record.id, version);
      return [recorded(declaration, data, { meta: { record: { ...record, version } } })];
    }),
  );
}
