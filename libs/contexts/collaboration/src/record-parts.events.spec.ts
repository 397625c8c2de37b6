import { expectGolden } from '@daybook/event-store/testing/golden';
import { attachmentEvents, attachmentRemoved, fileAttached } from './attachment/attachment.events.js';
import { recordTagged, recordUntagged, taggingEvents } from './tagging/tagging.events.js';
import { taskDue, taskEvents, taskFinished, taskReopened, taskSet } from './task/task.events.js';
import { threadEvents } from './thread/thread.decider.js';
import { attached, attachmentId, record, tagged, task, taskId, threadId } from './testing/parts.js';

const of = { threadId, taskId, ...record };
const samples = [
  () => expectGolden(recordTagged, [tagged, { ...tagged, companyId: null }]),
  () => expectGolden(recordUntagged, [tagged]),
  () => expectGolden(fileAttached, [attached]),
  () => expectGolden(attachmentRemoved, [{ threadId, attachmentId, ...record }]),
  () => expectGolden(taskSet, [task]),
  () => expectGolden(taskFinished, [of]),
  () =>
    expectGolden(taskReopened, [
      { ...of, remindAt: task.dueAt },
      { ...of, remindAt: null },
    ]),
  () => expectGolden(taskDue, [of]),
];

describe('events of tags, files and tasks on records', () => {
  it('name the record and its company, so that the trail shows them to those who see these, and all of them', () => {
    for (const { name, data } of threadEvents)
      expect([name, Object.keys(data.shape)]).toEqual([name, expect.arrayContaining(Object.keys(record))]);
  });

  it('keep their stored format', () => {
    expect(samples).toHaveLength([...taggingEvents, ...attachmentEvents, ...taskEvents].length);
    for (const sample of samples) sample();
  });
});
