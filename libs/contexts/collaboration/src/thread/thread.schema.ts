import { daybookNamespace, guarded, nameId } from '@daybook/kernel';
import * as z from 'zod';

/**
 * Names the record that a thread belongs to, as its events and its history name it: `accounting.entry` and its id. Records of
 * a company are named with it.
 */
export const recordShape = {
  recordType: z
    .string()
    .max(100)
    .regex(/^[a-z][a-z\d-]*\.[a-z][a-z\d-]*$/, 'Name a type of record: accounting.entry.'),
  recordId: z.string().min(1).max(200),
  companyId: z.uuid().nullable().default(null).describe('The company of the record; null where it is of none'),
};

/** The record in an event, which says all three. */
export const recordData = {
  recordType: z.string(),
  recordId: z.string(),
  companyId: z.uuid().nullable(),
};
export type ThreadRecord = { readonly [K in keyof typeof recordData]: z.output<(typeof recordData)[K]> };
export const recordOf = ({ recordType, recordId, companyId }: ThreadRecord): ThreadRecord => ({
  recordType,
  recordId,
  companyId,
});

/** What a role can hide of a thread: in answers and in events, so that the trail does not tell it either. */
export const commentText = <S extends z.ZodType>(schema: S): S =>
  guarded(schema, 'collaboration.comment.text', 'Text of comments');
export const attachmentName = <S extends z.ZodType>(schema: S): S =>
  guarded(schema, 'collaboration.attachment.name', 'Name of attached files');
export const taskTitle = <S extends z.ZodType>(schema: S): S =>
  guarded(schema, 'collaboration.task.title', 'Title of tasks');

/** One thread for each record of the tenant. */
export const threadIdOf = ({ recordType, recordId }: Pick<ThreadRecord, 'recordType' | 'recordId'>): string =>
  nameId(daybookNamespace, 'thread', recordType, recordId);
