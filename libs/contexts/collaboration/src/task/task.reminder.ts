import { fold, nameId } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import { type EventReader, EVENT_READER, mailTemplateOf, People, perform, PUBLIC_URL, READS } from '@daybook/server';
import { personReading, ReadableRecords } from '@daybook/server/record/readable-records';
import * as z from 'zod';
import { keyOf, threadStream } from '../thread/thread.binding.js';
import { threadDecider, threadEvents } from '../thread/thread.decider.js';
import { mailTask } from './task.internal.js';

/*
 * One mail on the day of a task, however often the step is repeated after a crash. It is composed when it is sent: who may not
 * read the record any more, or has done the task by then, gets none.
 */
const about = z.object({ tenant: z.uuid(), threadId: z.uuid(), taskId: z.uuid() });
type About = z.infer<typeof about>;
const template = 'collaboration.task-due';
const longestWaitHours = 24;

export const mailTaskBinding = perform(mailTask, { outbox: Outbox }, async (input, { caller }, { outbox }) => {
  const value = JSON.stringify({ tenant: caller.tenant, ...input } satisfies About);
  await outbox.putOnce(nameId(input.taskId, 'due'), { template, value });
  return { id: input.taskId, version: 0, position: '0' };
});

export const taskDueTemplate = mailTemplateOf(
  template,
  longestWaitHours,
  { events: EVENT_READER, reads: READS, records: ReadableRecords, people: People, publicUrl: PUBLIC_URL },
  async (value, { events, reads, records, people, publicUrl }) => {
    const of = about.parse(JSON.parse(value));
    const { task, record } = await taskIn(events, of);
    if (!task?.wasDue || task.isDone || record === null) return null;
    const reader = personReading(of.tenant, task.personId);
    const readable = await reads.read(of.tenant, null, (read) => records.find(read, reader, keyOf(record)));
    const [person] = readable ? await people.addressesOf(of.tenant, [task.personId]) : [];
    return person
      ? { to: person.email, about: task.personId, ...mail(readable!.one, `${publicUrl}/${readable!.address ?? ''}`) }
      : null;
  },
);

async function taskIn(events: EventReader, { tenant, threadId, taskId }: About) {
  const state = await fold(threadDecider, threadEvents, events.stream(threadStream(tenant, threadId)));
  return { task: state.tasks.get(taskId), record: state.record };
}

/** Without what is to be done, and without what the record is called: somebody else may read a mail. */
const mail = (one: string, link: string) => ({
  subject: 'A task of yours is due today',
  text:
    [`You have something to do today. It is about this ${one}:\n${link}`, 'It is on your Home until it is done.'].join(
      '\n\n',
    ) + '\n',
});
