import { answer } from '@daybook/server';
import { ReadableRecords } from '@daybook/server/record/readable-records';
import { keyOf } from '../thread/thread.binding.js';
import { recordNotFound } from '../thread/thread.decider.js';
import { threadIdOf } from '../thread/thread.schema.js';
import { readFollowing } from './follow.operations.js';
import { followers } from './follow.projection.js';

export const followAnswers = [
  answer(readFollowing, { records: ReadableRecords }, async (record, read, { records }) => {
    if (!(await records.find(read, read.caller, keyOf(record)))) return recordNotFound;
    const threadId = threadIdOf(record);
    const rows = await read.db
      .selectFrom(read.rows(followers).as('f'))
      .select('f.personId')
      .where('f.threadId', '=', threadId)
      .orderBy('f.personId')
      .execute();
    const ids = rows.map(({ personId }) => personId);
    const { actor, onBehalfOf } = read.caller;
    return { threadId, following: ids.includes((onBehalfOf ?? actor).id), followers: ids };
  }),
];
