import { projection, put, tableOf } from '@daybook/projections';
import { trailRow } from './trail.operations.js';

/** One row for every event that is not staged; its number is what people cite and what reads are stamped with. */
export const trail = tableOf('trail', trailRow, ['eventId'], {
  history: 'append-only',
  sequence: 'trail',
  indexes: [
    ['recordedAt'],
    ['recordId', 'recordType', 'trail'],
    ['commandId'],
    ['actorId', 'trail'],
    ['operation', 'trail'],
    ['companyId', 'trail'],
  ],
  visible: { company: 'companyId' },
});

/**
 * Records that staged events speak of, by the event that made them count: the history of an imported entry begins with
 * the import, although staged events have no number of their own.
 */
const appliedRow = trailRow.pick({ recordType: true, recordId: true, eventId: true });
export const appliedRecords = tableOf('applied_records', appliedRow, ['recordId', 'recordType', 'eventId']);

export const trailProjection = projection({
  name: 'trail',
  version: 3,
  tables: [trail, appliedRecords],
  channels: ['audit'],
  everyStaged: ({ meta: { record } }, by) => [
    put(appliedRecords, { recordType: record.type, recordId: record.id, eventId: by.id }),
  ],
  every: ({ id, recordedAt, type, version, stream, revision, meta }) => [
    put(trail, {
      trail: '', // numbered by the engine
      eventId: id,
      recordedAt,
      type,
      version,
      stream,
      revision,
      recordType: meta.record.type,
      recordId: meta.record.id,
      recordVersion: meta.record.version,
      companyId: meta.companyId ?? null,
      aboutType: meta.about?.type ?? null,
      aboutId: meta.about?.id ?? null,
      actorKind: meta.actor.kind,
      actorId: meta.actor.id,
      onBehalfOfId: meta.onBehalfOf?.id ?? null,
      operation: meta.operation,
      channel: meta.channel,
      reason: meta.reason,
      commandId: meta.commandId,
      correlationId: meta.correlationId,
      causationId: meta.causationId,
    }),
  ],
});
