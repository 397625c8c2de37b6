import { command, type CommandOperation, instant, pageInput, pageOf, query } from '@daybook/kernel';
import * as z from 'zod';
import { recordData, recordShape } from '../thread/thread.schema.js';

/* Tags on records, from the register of tags (../tag/tag.register.ts). */
const input = z.object({ ...recordShape, tagId: z.uuid() });
const permission = 'collaboration.record.tag';

export const tagRecord = command('collaboration.record.tag', {
  title: 'Tag a record',
  description: 'With a tag of the register that is in use. One that is on the record already stays.',
  http: 'POST /v1/collaboration/tagged-records',
  permission,
  says: 'tagged a record',
  scope: 'caller',
  undo: { operation: () => untagRecord, input: (of) => of },
  input,
});
export const untagRecord = command('collaboration.record.untag', {
  title: 'Take a tag off a record',
  http: 'POST /v1/collaboration/tagged-records/removal',
  permission,
  says: 'took a tag off a record',
  scope: 'caller',
  undo: { operation: (): CommandOperation => tagRecord, input: (of) => of },
  input,
});
export const taggingCommands = [tagRecord, untagRecord] as const;

export const listRecordTags = query('collaboration.record-tag.list', {
  title: 'List the tags on a record',
  description: 'By their names; also those that the register does not offer any more.',
  http: 'GET /v1/collaboration/record-tags',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object(recordShape),
  output: z.object({
    items: z.array(
      z
        .object({ tagId: z.uuid(), name: z.string(), colour: z.string(), status: z.enum(['active', 'retired']) })
        .meta({ id: 'RecordTag' }),
    ),
  }),
  rows: 'items',
});

export const taggedRecordRow = z
  .object({
    ...recordData,
    tagId: z.uuid(),
    taggedAt: instant,
    one: z.string().describe('What kind of record it is'),
    called: z.string().nullable().describe('As the caller may see it'),
    address: z.string().nullable().describe('Its page in the console'),
  })
  .meta({ id: 'TaggedRecord' });
export const listTaggedRecords = query('collaboration.tagged-record.list', {
  title: 'List records by tag',
  description:
    'The records of all kinds with a tag that the caller may read, last tagged first. A page may have fewer than asked for.',
  http: 'GET /v1/collaboration/tagged-records',
  permission: 'collaboration.thread.read',
  scope: 'caller',
  input: z.object({
    tagId: z.uuid(),
    recordType: z.string().max(100).optional().describe('Only records of this type'),
    ...pageInput,
  }),
  output: pageOf(taggedRecordRow),
  rows: 'items',
});
