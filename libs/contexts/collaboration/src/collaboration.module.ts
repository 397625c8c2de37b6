import { contextOf } from '@daybook/server';
import { contextModule } from '@daybook/server/nest/context.module';
import { Module } from '@nestjs/common';
import { listComments } from './comment/comment.operations.js';
import { commentPersonalData } from './comment/comment.personal-data.js';
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
import { threadBinding } from './thread/thread.binding.js';
import { threadEvents } from './thread/thread.decider.js';
import { threadProjection } from './thread/thread.projection.js';

/** What people add to a record, whatever it is: comments, who follows it. */
export const collaboration = contextOf(face, [threadBinding, ...commentAnswers, ...followAnswers, ...noticeAnswers], {
  events: [...threadEvents, ...noticeEvents],
  internal: noticeBindings,
  projections: [threadProjection, commentProjection, followProjection, noticeProjection],
  processes: [noticeProcess],
  mailTemplates: [noticeTemplate],
  personalData: commentPersonalData,
  channels: { comments: listComments, followers: readFollowing, notices: listNotices },
});

@Module(contextModule(collaboration))
export class CollaborationModule {}
