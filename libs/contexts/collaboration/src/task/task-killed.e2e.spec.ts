import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { addAccount, createCompany } from '@daybook/accounting';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { newId } from '@daybook/kernel';
import { Outbox } from '@daybook/mail';
import type { Caller } from '@daybook/server';
import { recordProcessDue } from '@daybook/server/platform/process-due.job';
import { startApp, type TestApp } from '@daybook/testing/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';
import { threadStream } from '../thread/thread.binding.js';
import { listTasks, setTask } from './task.operations.js';
import { taskReminder } from './task.process.js';

/* A projector of its own is killed before and after every step of a reminder: the day is recorded once, and one mail is sent. */
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

describe('the reminder of a projector that is killed at any place', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  /** Runs a projector until it is killed at that place, or has nothing left to do. */
  async function project(place: number | 'rebuild'): Promise<'killed' | 'idle'> {
    const { databaseUrl, secret, dataDir } = app.config;
    const fixture = file('../../../../testing/src/projector.fixture.mjs');
    const child = spawn(
      process.execPath,
      ['--import', file('../../../../../tools/source.mjs'), fixture, String(place)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'],
          NODE_ENV: 'test',
          DATABASE_URL: databaseUrl,
          DAYBOOK_SECRET: secret,
          DAYBOOK_DATA: dataDir,
          DAYBOOK_PORT: '0',
        },
      },
    );
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (signal === 'SIGKILL') return 'killed';
    expect([place, code]).toEqual([place, 0]);
    return 'idle';
  }

  it('records the day and sends the mail, once', async () => {
    const books = await app.client('Accountant');
    const { tenant } = books;
    const { id: companyId } = await books.execute(createCompany, { name: 'A AS', currency: 'NOK' });
    await books.execute(addAccount, { companyId, number: '1920', name: 'Bank', class: 'asset' });
    await app.settle();
    const of = { recordType: 'accounting.account', recordId: `${companyId}/1920`, companyId };
    const { id: taskId } = await books.execute(setTask, { ...of, title: 'Ask', dueOn: '2099-01-01' });
    const { threadId, personId } = (await books.ask(listTasks, of)).items[0]!;
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
    const moment = { process: taskReminder.name, instance: taskId, step: 'remind', dueAt: '2099-01-01T06:00:00.000Z' };
    await app.api.jobCommands.executeAs(caller, recordProcessDue, moment, {
      commandId: newId(),
      expectedVersion: null,
    });
    const killed: number[] = [];
    for (let place = 1; (await project(place)) === 'killed'; place++) {
      killed.push(place);
      expect(killed.length).toBeLessThan(20);
    }
    // Before and after each of the two steps.
    expect(killed.length).toBeGreaterThanOrEqual(4);

    const types: string[] = [];
    for await (const { type } of app.api.store.readStream(threadStream(tenant, threadId))) types.push(type);
    expect(types).toEqual(['collaboration.task-set.v1', 'collaboration.task-due.v1']);
    const letters = async () => {
      await app.app.get(Outbox, { strict: false }).work();
      return (await new Mailbox(app.config.mail).to(app.account('Accountant').email)).length;
    };
    expect([await letters(), await letters()]).toEqual([1, 1]);

    const head = await app.api.store.head();
    expect(await project('rebuild')).toBe('idle');
    expect([await letters(), await app.api.store.head()]).toEqual([1, head]);
  }, 600_000);
});
