import { type PersonalData, personalDataOf, type Subject } from '@daybook/server';
import type { ReadContext } from '@daybook/projections';
import { followers } from '../follow/follow.projection.js';
import { collectParts, threadsOfParts } from '../record-parts.personal-data.js';
import { notices } from '../notice/notice.projection.js';
import { threadStream } from '../thread/thread.binding.js';
import { threadRecords } from '../thread/thread.projection.js';
import { comments, commentVersions } from './comment.projection.js';

/** A copy of somebody's data ends; the newest are in it. */
const most = 500;

const data: PersonalData = {
  collect: async ({ personId }, read) => {
    const said = await read.db
      .selectFrom(read.rows(commentVersions).as('v'))
      .leftJoin(read.rows(threadRecords).as('t'), 't.threadId', 'v.threadId')
      .select(['t.recordType', 't.recordId', 'v.version', 'v.text', 'v.writtenAt'])
      .where('v.author', '=', personId)
      .orderBy('v.writtenAt', 'desc')
      .limit(most)
      .execute();
    const followed = await read.db
      .selectFrom(read.rows(followers).as('f'))
      .innerJoin(read.rows(threadRecords).as('t'), 't.threadId', 'f.threadId')
      .select(['t.recordType', 't.recordId'])
      .where('f.personId', '=', personId)
      .limit(most)
      .execute();
    const told = await read.db
      .selectFrom(read.rows(notices).as('n'))
      .select(['n.kind', 'n.recordType', 'n.recordId', 'n.at'])
      .where('n.personId', '=', personId)
      .orderBy('n.at', 'desc')
      .limit(most)
      .execute();
    return [
      { name: 'comments', title: 'Comments, with what they said before', items: said },
      { name: 'followed-records', title: 'Records that are followed', items: followed },
      { name: 'notices', title: 'What was told on Home and by mail', items: told },
      ...(await collectParts(personId, read)),
    ];
  },
  streams: async (subject, read) => {
    const said = (await threadsOf(subject, read)).map(({ threadId }) => threadId);
    const threads = new Set([...said, ...(await threadsOfParts(subject.personId, read))]);
    return [...threads].map((threadId) => threadStream(subject.tenant, threadId));
  },
};

const threadsOf = ({ personId }: Subject, read: ReadContext) =>
  read.db
    .selectFrom(read.rows(comments).as('c'))
    .select('c.threadId')
    .distinct()
    .where('c.author', '=', personId)
    .execute();

/** Comments are emptied by the engine; what is followed and was told are ids, and end with the membership. */
export const commentPersonalData = personalDataOf({}, () => data);
