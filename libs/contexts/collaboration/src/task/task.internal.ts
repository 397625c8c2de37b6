import { command } from '@daybook/kernel';
import * as z from 'zod';

/* Steps that only the product itself takes (task.process.ts). Their routes are names, and never served. */
const input = z.object({ threadId: z.uuid(), taskId: z.uuid() });

export const recordTaskDue = command('collaboration.task.record-due', {
  title: 'Record that the day of a task has come',
  http: 'POST /v1/collaboration/threads/{threadId}/tasks/{taskId}/due',
  says: 'came to the day of a task',
  input,
});
export const mailTask = command('collaboration.task.mail', {
  title: 'Send the mail about a task',
  http: 'POST /v1/collaboration/threads/{threadId}/tasks/{taskId}/mail',
  says: 'sent a mail about a task',
  input,
});
