import { isRejection, reject } from '@daybook/kernel';
import { answer, type FileCitations, perform, restrict } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { keyOf } from '../thread/thread.binding.js';
import { saidOf } from '../thread/thread.queries.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { recordAttachment } from './attachment.internal.js';
import { attachFile, listAttachments } from './attachment.operations.js';
import { attachments } from './attachment.projection.js';

const noFile = () => {
  const message = 'There is no file with this SHA-256. Upload it first.';
  return reject('collaboration.file-not-found', message, {
    status: 404,
    errors: [{ pointer: '/sha256', code: 'collaboration.file-not-found', message }],
  });
};

export const attachFileBinding = perform(attachFile, async ({ sha256, ...record }, context) => {
  const { caller, files } = context;
  // To show a file to others requires the right to read it.
  const file = await context.readableFile(sha256);
  if (!file || !(await files.keep(caller.tenant, sha256))) return noFile();
  const { name, size } = file;
  const answered = await context.execute(recordAttachment, {
    ...record,
    attachmentId: context.newId,
    sha256,
    name,
    size,
  });
  if (!isRejection(answered)) await files.cite(caller.tenant, sha256, BigInt(answered.position));
  return answered;
});

export const attachmentAnswers = [
  answer(listAttachments, { records: ReadableRecords }, async (record, read, { records }) => {
    const found = await saidOf(records, read, record, () =>
      read.db
        .selectFrom(read.rows(attachments).as('a'))
        .select(['a.threadId', 'a.attachmentId', 'a.name', 'a.size', 'a.sha256'])
        .select(['a.attachedBy', 'a.attachedAt', 'a.version'])
        .where('a.threadId', '=', threadIdOf(record))
        .orderBy('a.attachedAt')
        .orderBy('a.attachmentId')
        .execute(),
    );
    if (isRejection(found)) return found;
    const answer = { items: found.said };
    return restrict(listAttachments.output, answer, found.record.fields) as typeof answer;
  }),
];

/**
 * A file that is removed is read by nobody any more, by way of no past moment either. From its last record removed, it ends like
 * an upload that nothing uses.
 */
export const attachmentCitations: FileCitations = {
  readers: 'of the record',
  of: async (sha256, read) => {
    const rows = await read.db
      .selectFrom(read.rows(attachments).as('a'))
      .innerJoin(read.latest(attachments).as('now'), 'now.attachmentId', 'a.attachmentId')
      .select(['a.recordType', 'a.recordId', 'a.companyId', 'a.name'])
      .where('a.sha256', '=', sha256)
      .execute();
    return rows.map((row) => ({ companyId: row.companyId, name: row.name ?? sha256, record: keyOf(row) }));
  },
};
