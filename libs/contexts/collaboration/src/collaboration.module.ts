import { piecesOf } from '@daybook/projections';
import { contextOf } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { listAttachments } from './attachment/attachment.operations.js';
import { attachmentProjection } from './attachment/attachment.projection.js';
import { attachFileBinding, attachmentAnswers, attachmentCitations } from './attachment/attachment.queries.js';
import { listComments } from './comment/comment.operations.js';
import { collaborationPersonalData } from './collaboration.personal-data.js';
import { commentProjection } from './comment/comment.projection.js';
import { commentAnswers } from './comment/comment.queries.js';
import { readFollowing } from './follow/follow.operations.js';
import { followProjection } from './follow/follow.projection.js';
import { followAnswers } from './follow/follow.queries.js';
import { collaboration as face } from './index.js';
import { notificationBindings, notificationInternal } from './notification/notification.binding.js';
import { inboxEvents, notificationEvents } from './notification/notification.events.js';
import { inboxTemplate, notificationTemplate } from './notification/notification.mail.js';
import { listNotifications } from './notification/notification.operations.js';
import { notificationMails } from './notification/notification-mail.process.js';
import { notificationProcess } from './notification/notification.process.js';
import { notificationProjection } from './notification/notification.projection.js';
import { notificationAnswers } from './notification/notification.queries.js';
import { tags } from './tag/tag.register.js';
import { listRecordTags } from './tagging/tagging.operations.js';
import { recordTags, taggingProjection } from './tagging/tagging.projection.js';
import { taggingAnswers } from './tagging/tagging.queries.js';
import { listTasks } from './task/task.operations.js';
import { taskReminder } from './task/task.process.js';
import { taskProjection } from './task/task.projection.js';
import { taskAnswers } from './task/task.queries.js';
import { mailTaskBinding, taskDueTemplate } from './task/task.reminder.js';
import { threadBinding, threadInternal } from './thread/thread.binding.js';
import { threadEvents } from './thread/thread.decider.js';
import { threadProjection } from './thread/thread.projection.js';

/** Of what is said about records; who hears of it need not see them. */
const channels = {
  comments: listComments,
  followers: readFollowing,
  notifications: listNotifications,
  attachments: listAttachments,
  'record-tags': listRecordTags,
  tasks: listTasks,
};

/** What people add to a record, whatever it is: comments, who follows it, tags, files, tasks. */
export const collaboration = contextOf(
  face,
  [
    threadBinding,
    ...commentAnswers,
    ...followAnswers,
    ...notificationBindings,
    ...notificationAnswers,
    attachFileBinding,
    ...attachmentAnswers,
    ...taggingAnswers,
    ...taskAnswers,
    ...piecesOf(tags),
  ],
  {
    events: [...threadEvents, ...notificationEvents, ...inboxEvents],
    internal: [...notificationInternal, ...threadInternal, mailTaskBinding],
    projections: [
      threadProjection,
      commentProjection,
      followProjection,
      notificationProjection,
      attachmentProjection,
      taggingProjection,
      taskProjection,
    ],
    processes: [notificationProcess, notificationMails, taskReminder],
    mailTemplates: [notificationTemplate, inboxTemplate, taskDueTemplate],
    namelessChannels: Object.keys(channels),
    citations: [attachmentCitations],
    recordTags: { table: recordTags, query: listRecordTags },
    personalData: collaborationPersonalData,
    channels,
  },
);

@Module(contextModule(collaboration))
export class CollaborationModule {}
