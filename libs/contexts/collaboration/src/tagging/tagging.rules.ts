import { accept, fieldInvalid, type FoldsOf, reject, type RulesOf } from '@daybook/kernel';
import { recordOf, threadIdOf } from '../thread/thread.schema.js';
import type { ThreadFacts, ThreadState } from '../thread/thread.state.js';
import { recordTagged, recordUntagged, type TaggingEvent } from './tagging.events.js';
import type { taggingCommands } from './tagging.operations.js';

/*
 * Tags on a record.
 * - A tag that is retired is put on no record, and stays on those that have it.
 * - To put on what is there, or to take off what is not, changes nothing.
 */
export const maxTags = 50;

export const taggingRules: RulesOf<typeof taggingCommands, ThreadState, TaggingEvent, ThreadFacts> = {
  'collaboration.record.tag': ({ tagId, ...record }, { tags, version }, _context, { tag }) => {
    const threadId = threadIdOf(record);
    if (tags.has(tagId)) return accept(threadId, version);
    if (tag === 'retired') return unfit('This tag is retired. Restore it first, or choose another one.');
    if (tag !== 'active') return unfit('There is no such tag.');
    if (tags.size >= maxTags)
      return reject('collaboration.too-many-tags', `The record has ${maxTags} tags already. Take some off first.`);
    return accept(threadId, version + 1, recordTagged.of({ threadId, tagId, ...record }));
  },
  'collaboration.record.untag': ({ tagId, ...record }, { tags, version }) => {
    const threadId = threadIdOf(record);
    if (!tags.has(tagId)) return accept(threadId, version);
    return accept(threadId, version + 1, recordUntagged.of({ threadId, tagId, ...record }));
  },
};
const unfit = (message: string) => fieldInvalid('collaboration.tag-invalid', 'tagId', message);

export const taggingFolds: FoldsOf<TaggingEvent, ThreadState> = {
  'collaboration.record-tagged': (state, { tagId, ...data }) => ({
    ...state,
    record: recordOf(data),
    tags: new Set([...state.tags, tagId]),
    version: state.version + 1,
  }),
  'collaboration.record-untagged': (state, { tagId }) => ({
    ...state,
    tags: new Set([...state.tags].filter((id) => id !== tagId)),
    version: state.version + 1,
  }),
};
