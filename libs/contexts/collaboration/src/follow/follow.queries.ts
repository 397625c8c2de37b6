import { isRejection } from '@daybook/kernel';
import { answer } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { saidOf } from '../thread/thread.queries.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { readFollowing } from './follow.operations.js';
import { followers } from './follow.projection.js';

export const followAnswers = [
  answer(readFollowing, { records: ReadableRecords }, async (record, read, { records }) => {
    const threadId = threadIdOf(record);
    const found = await saidOf(records, read, record, () =>
      read.db
        .selectFrom(read.rows(followers).as('f'))
        .select('f.personId')
        .where('f.threadId', '=', threadId)
        .orderBy('f.personId')
        .execute(),
    );
    if (isRejection(found)) return found;
    const ids = found.said.map(({ personId }) => personId);
    const { actor, onBehalfOf } = read.caller;
    return { threadId, following: ids.includes((onBehalfOf ?? actor).id), followers: ids };
  }),
];
