import { command } from '@daybook/kernel';
import * as z from 'zod';
import { noticeData } from './notice.events.js';

/** Commands that only the process sends (notice.process.ts). */
export const tellPerson = command('collaboration.notice.tell', {
  title: 'Tell a person',
  http: 'POST /v1/collaboration/internal/notices',
  says: 'told somebody',
  scope: 'tenant',
  input: noticeData,
});
export const mailNotice = command('collaboration.notice.mail', {
  title: 'Mail what a person was told',
  http: 'POST /v1/collaboration/internal/notices/{noticeId}/mail',
  says: 'mailed what somebody was told',
  scope: 'tenant',
  input: z.object({ noticeId: z.uuid() }),
});
export const internalCommands = [tellPerson] as const;
