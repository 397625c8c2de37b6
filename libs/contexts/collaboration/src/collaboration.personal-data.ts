import type { ReadContext } from '@daybook/projections';
import { type PersonalData, personalDataOf } from '@daybook/server';
import { sql } from 'kysely';
import { attachments } from './attachment/attachment.projection.js';
import { comments, commentVersions } from './comment/comment.projection.js';
import { followers } from './follow/follow.projection.js';
import { notifications } from './notification/notification.projection.js';
import { tasks } from './task/task.projection.js';
import { threadStream } from './thread/thread.binding.js';
import { threadRecords } from './thread/thread.projection.js';

/** A copy of somebody's data ends; the newest are in it. */
const most = 500;

/** What is kept about a person, part by part. */
const partsOf = (personId: string, read: ReadContext) => [
  {
    name: 'comments',
    title: 'Comments, with what they said before',
    rows: read.db
      .selectFrom(read.rows(commentVersions).as('v'))
      .leftJoin(read.rows(threadRecords).as('t'), 't.threadId', 'v.threadId')
      .select(['t.recordType', 't.recordId', 'v.version', 'v.text', 'v.writtenAt'])
      .where('v.author', '=', personId)
      .orderBy('v.writtenAt', 'desc')
      .limit(most),
  },
  {
    name: 'followed-records',
    title: 'Records that are followed',
    rows: read.db
      .selectFrom(read.rows(followers).as('f'))
      .innerJoin(read.rows(threadRecords).as('t'), 't.threadId', 'f.threadId')
      .select(['t.recordType', 't.recordId'])
      .where('f.personId', '=', personId)
      .limit(most),
  },
  {
    name: 'notifications',
    title: 'Notifications on Home and by mail',
    rows: read.db
      .selectFrom(read.rows(notifications).as('n'))
      .select(['n.kind', 'n.recordType', 'n.recordId', 'n.at'])
      .where('n.personId', '=', personId)
      .orderBy('n.at', 'desc')
      .limit(most),
  },
  {
    name: 'tasks',
    title: 'Tasks that were set or are to be done',
    rows: read.db
      .selectFrom(read.rows(tasks).as('t'))
      // What somebody else wrote is theirs.
      .select((e) => e.case().when('t.setBy', '=', personId).then(e.ref('t.title')).end().as('title'))
      .select(['t.recordType', 't.recordId', 't.setBy', 't.personId', 't.dueOn', 't.isDone', 't.setAt'])
      .where((e) => e.or([e('t.setBy', '=', personId), e('t.personId', '=', personId)]))
      .orderBy('t.setAt', 'desc')
      .limit(most),
  },
  {
    name: 'attachments',
    title: 'Files that were attached',
    rows: read.db
      .selectFrom(read.rows(attachments).as('a'))
      .select(['a.recordType', 'a.recordId', 'a.name', 'a.size', 'a.sha256', 'a.attachedAt'])
      .where('a.attachedBy', '=', personId)
      .orderBy('a.attachedAt', 'desc')
      .limit(most),
  },
];

const data: PersonalData = {
  /** Asks once what there is, and then only for that. */
  collect: async ({ personId }, read) => {
    const parts = partsOf(personId, read);
    const has = parts.map(({ name, rows }) => sql`exists ${rows} as ${sql.ref(name)}`);
    const [there] = (await sql<Record<string, boolean>>`select ${sql.join(has)}`.execute(read.db)).rows;
    const sections = [];
    for (const { name, title, rows } of parts) {
      sections.push({ name, title, items: there?.[name] ? await rows.execute() : [] });
    }
    return sections;
  },
  streams: async ({ tenant, personId }, read) => {
    const threads = await read.db
      .selectFrom(read.rows(comments).as('c'))
      .select('c.threadId')
      .where('c.author', '=', personId)
      .union(read.db.selectFrom(read.rows(tasks).as('t')).select('t.threadId').where('t.setBy', '=', personId))
      .union(
        read.db.selectFrom(read.rows(attachments).as('a')).select('a.threadId').where('a.attachedBy', '=', personId),
      )
      .execute();
    return threads.map(({ threadId }) => threadStream(tenant, threadId));
  },
};

/** Texts are emptied by the engine; what is followed and notified are ids, and end with the membership. */
export const collaborationPersonalData = personalDataOf({}, () => data);
