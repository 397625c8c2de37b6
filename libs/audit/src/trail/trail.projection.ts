import { projection, put, tableOf } from '@daybook/projections';
import { trailRow } from './trail.operations.js';

/** One row for every event that is not staged; its number is what people cite and what reads are stamped with. */
export const trail = tableOf('trail', trailRow, ['eventId'], {
  history: 'append-only',
  sequence: 'trail',
  indexes: [
    ['recordedAt'],
    ['recordType', 'recordId', 'trail'],
    ['commandId'],
    ['actorId', 'trail'],
    ['operation', 'trail'],
  ],
});

export const trailProjection = projection({
  name: 'trail',
  version: 1,
  tables: [trail],
  views: ['audit'],
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
      actorKind: meta.actor.kind,
      actorId: meta.actor.id,
      operation: meta.operation,
      channel: meta.channel,
      reason: meta.reason,
      commandId: meta.commandId,
      correlationId: meta.correlationId,
      causationId: meta.causationId,
    }),
  ],
});
