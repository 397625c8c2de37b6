import { expectGolden } from '@daybook/event-store/testing/golden';
import { attachmentEvents, attachmentRemoved, fileAttached } from './attachment/attachment.events.js';
import { recordTagged, recordUntagged, taggingEvents } from './tagging/tagging.events.js';
import { taskDue, taskEvents, taskFinished, taskReopened, taskSet } from './task/task.events.js';
import { attached, attachmentId, tagged, task, taskId, threadId } from './testing/parts.js';

const of = { threadId, taskId };
const samples = [
  () => expectGolden(recordTagged, [tagged, { ...tagged, companyId: null }]),
  () => expectGolden(recordUntagged, [tagged]),
  () => expectGolden(fileAttached, [attached]),
  () => expectGolden(attachmentRemoved, [{ threadId, attachmentId }]),
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
  it('keep their stored format', () => {
    expect(samples).toHaveLength([...taggingEvents, ...attachmentEvents, ...taskEvents].length);
    for (const sample of samples) sample();
  });
});
