/* The public API of collaboration: what people add to the records of all contexts. Browser-safe. */
import { face } from '@daybook/kernel';

/** Shown beside every record, and has no page of its own. */
export const collaboration = face('collaboration', { title: 'Collaboration', icon: 'message-square' });
export * from './comment/comment.events.js';
export * from './comment/comment.operations.js';
export * from './comment/mention.schema.js';
export * from './follow/follow.events.js';
export * from './follow/follow.operations.js';
export * from './notice/notice.events.js';
export * from './notice/notice.operations.js';
export * from './thread/thread.schema.js';
