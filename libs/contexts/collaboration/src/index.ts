/* The public API of collaboration: what people add to the records of all contexts. Browser-safe. */
import { face } from '@daybook/kernel';
import { tags } from './tag/tag.register.js';

/** Shown beside every record; only the register of tags has a page of its own. */
export const collaboration = face('collaboration', {
  title: 'Collaboration',
  icon: 'message-square',
  records: [tags.record],
  views: [tags.view],
  roles: {
    Admin: ['collaboration.*'],
    Accountant: ['collaboration.*'],
    Staff: [
      'collaboration.comment.write',
      'collaboration.tag.read',
      'collaboration.record.tag',
      'collaboration.task.set',
    ],
    Auditor: ['collaboration.*.read'],
  },
});
export { tags };
export * from './attachment/attachment.events.js';
export * from './attachment/attachment.operations.js';
export * from './comment/comment.events.js';
export * from './comment/comment.operations.js';
export * from './comment/mention.schema.js';
export * from './follow/follow.events.js';
export * from './follow/follow.operations.js';
export * from './notification/notification.events.js';
export * from './notification/notification.operations.js';
export * from './tagging/tagging.events.js';
export * from './tagging/tagging.operations.js';
export * from './task/task.events.js';
export * from './task/task.operations.js';
export * from './thread/thread.schema.js';
