import type { ReadContext } from '@daybook/projections';
import { attachments } from './attachment/attachment.projection.js';
import { tasks } from './task/task.projection.js';

/** A copy of somebody's data ends; the newest are in it. */
const most = 500;

/** Tasks that somebody set or is to do, and files that they attached, for the copy of their data. */
export async function collectParts(personId: string, read: ReadContext) {
  const set = await read.db
    .selectFrom(read.rows(tasks).as('t'))
    .select(['t.recordType', 't.recordId', 't.title', 't.setBy', 't.personId', 't.dueOn', 't.isDone', 't.setAt'])
    .where((e) => e.or([e('t.setBy', '=', personId), e('t.personId', '=', personId)]))
    .orderBy('t.setAt', 'desc')
    .limit(most)
    .execute();
  const attached = await read.db
    .selectFrom(read.rows(attachments).as('a'))
    .select(['a.recordType', 'a.recordId', 'a.name', 'a.size', 'a.sha256', 'a.attachedAt'])
    .where('a.attachedBy', '=', personId)
    .orderBy('a.attachedAt', 'desc')
    .limit(most)
    .execute();
  // What somebody else wrote is theirs.
  const items = set.map(({ title, ...task }) => (task.setBy === personId ? { title, ...task } : task));
  return [
    { name: 'tasks', title: 'Tasks that were set or are to be done', items },
    { name: 'attachments', title: 'Files that were attached', items: attached },
  ];
}

/** The threads that hold personal data of theirs. */
export async function threadsOfParts(personId: string, read: ReadContext): Promise<string[]> {
  const set = await read.db
    .selectFrom(read.rows(tasks).as('t'))
    .select('t.threadId')
    .distinct()
    .where('t.setBy', '=', personId)
    .execute();
  const attached = await read.db
    .selectFrom(read.rows(attachments).as('a'))
    .select('a.threadId')
    .distinct()
    .where('a.attachedBy', '=', personId)
    .execute();
  return [...set, ...attached].map(({ threadId }) => threadId);
}
