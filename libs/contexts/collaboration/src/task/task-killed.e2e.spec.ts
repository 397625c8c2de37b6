import { addAccount, createCompany } from '@daybook/accounting';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { readSession } from '@daybook/identity';
import { newId, streamName } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import type { Caller } from '@daybook/server';
import { recordProcessDue } from '@daybook/server/platform/process-due.job';
import { startApp, type TestApp } from '@daybook/testing/app';
import { project } from '@daybook/testing/killed';
import { readYourWrites } from '@daybook/testing/read-your-writes';
import { writeComment } from '../comment/comment.operations.js';
import { followRecord } from '../follow/follow.operations.js';
import { notificationMails } from '../notification/notification-mail.process.js';
import { threadStream } from '../thread/thread.binding.js';
import { listTasks, setTask } from './task.operations.js';
import { taskReminder } from './task.process.js';

/*
 * A projector of its own is killed before and after every step of a reminder, and of a mail that gathers notifications: each
 * moment is recorded once, and one mail is sent.
 */

describe('mails of a projector that is killed at any place', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('records the day of a task and what it gathers, and sends one mail for each', async () => {
    const books = await app.client('Accountant');
    const { tenant } = books;
    const { id: companyId } = await books.execute(createCompany, { name: 'A AS', currency: 'NOK' });
    await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
    await app.settle();
    const of = { recordType: 'accounting.account', recordId: `${companyId}/1920`, companyId };
    const { id: taskId } = await books.execute(setTask, { ...of, title: 'Ask', dueOn: '2099-01-01' });
    const { threadId, personId } = (await books.ask(listTasks, of)).items[0]!;
    const follower = await app.client('Staff');
    await follower.execute(followRecord, of);
    for (const text of ['One', 'Two']) await books.execute(writeComment, { ...of, text });
    const { id: followerId } = (await follower.ask(readSession, {})).person;
    await app.settle();

    readYourWrites(app.app, null);
    await app.projector.close();
    const caller: Caller = {
      tenant,
      actor: { kind: 'system', id: 'clock' },
      onBehalfOf: { kind: 'person', id: personId },
      channel: 'system',
      address: null,
      correlationId: newId(),
      reason: null,
    };
    const moments = [
      { process: taskReminder.name, instance: taskId, step: 'remind', dueAt: '2099-01-01T06:00:00.000Z' },
      { process: notificationMails.name, instance: followerId, step: 'gather', dueAt: '2099-01-01T06:00:00.000Z' },
    ];
    for (const moment of moments) {
      const as = { commandId: newId(), expectedVersion: null };
      await app.api.jobCommands.executeAs(caller, recordProcessDue, moment, as);
      const killed: number[] = [];
      for (let place = 1; (await project(app, place)) === 'killed'; place++) {
        killed.push(place);
        expect(killed.length).toBeLessThan(20);
      }
      // Before and after each of its two steps.
      expect(killed.length).toBeGreaterThanOrEqual(4);
    }

    const count = async (stream: string, wanted: string) => {
      let found = 0;
      for await (const { type } of app.api.store.readStream(stream)) if (type.startsWith(wanted)) found += 1;
      return found;
    };
    expect(await count(threadStream(tenant, threadId), 'collaboration.task-due')).toBe(1);
    const inbox = streamName('collaboration.inbox', tenant, followerId);
    expect(await count(inbox, 'collaboration.inbox-gathered')).toBe(1);
    const letters = async () => {
      await app.app.get(Outbox, { strict: false }).work();
      const mailbox = new Mailbox(app.config.mail);
      const to = (role: 'Accountant' | 'Staff') => mailbox.to(app.account(role).email);
      return [(await to('Accountant')).length, (await to('Staff')).length];
    };
    expect([await letters(), await letters()]).toEqual([[1, 1], [1, 1]]); // prettier-ignore

    const head = await app.api.store.head();
    expect(await project(app, 'rebuild')).toBe('idle');
    expect([await letters(), await app.api.store.head()]).toEqual([[1, 1], head]);
  }, 600_000);
});
