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
import { noticeBindings } from './notice/notice.binding.js';
import { noticeEvents } from './notice/notice.events.js';
import { noticeTemplate } from './notice/notice.mail.js';
import { listNotices } from './notice/notice.operations.js';
import { noticeProcess } from './notice/notice.process.js';
import { noticeProjection } from './notice/notice.projection.js';
import { noticeAnswers } from './notice/notice.queries.js';
import { tags } from './tag/tag.register.js';
import { listRecordTags } from './tagging/tagging.operations.js';
import { taggingProjection } from './tagging/tagging.projection.js';
import { taggingAnswers } from './tagging/tagging.queries.js';
import { listTasks } from './task/task.operations.js';
import { taskReminder } from './task/task.process.js';
import { taskProjection } from './task/task.projection.js';
import { taskAnswers } from './task/task.queries.js';
import { mailTaskBinding, taskDueTemplate } from './task/task.reminder.js';
import { threadBinding, threadInternal } from './thread/thread.binding.js';
import { threadEvents } from './thread/thread.decider.js';
import { threadProjection } from './thread/thread.projection.js';

/** What people add to a record, whatever it is: comments, who follows it, tags, files, tasks. */
export const collaboration = contextOf(
  face,
  [
    threadBinding,
    ...commentAnswers,
    ...followAnswers,
    ...noticeAnswers,
    attachFileBinding,
    ...attachmentAnswers,
    ...taggingAnswers,
    ...taskAnswers,
    ...piecesOf(tags),
  ],
  {
    events: [...threadEvents, ...noticeEvents],
    internal: [...noticeBindings, ...threadInternal, mailTaskBinding],
    projections: [
      threadProjection,
      commentProjection,
      followProjection,
      noticeProjection,
      attachmentProjection,
      taggingProjection,
      taskProjection,
    ],
    processes: [noticeProcess, taskReminder],
    mailTemplates: [noticeTemplate, taskDueTemplate],
    citations: [attachmentCitations],
    personalData: collaborationPersonalData,
    channels: {
      comments: listComments,
      followers: readFollowing,
      notices: listNotices,
      attachments: listAttachments,
      'record-tags': listRecordTags,
      tasks: listTasks,
    },
  },
);

@Module(contextModule(collaboration))
export class CollaborationModule {}
