import { newId } from '@daybook/kernel';
import { job } from '@daybook/jobs';
import * as z from 'zod';
import { startApp, testTenants, type TestApp } from '@daybook/testing/app';
import { cancelJob, listJobs, readJob } from '@daybook/server/platform/platform.operations';

describe('jobs, as the API shows them', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  /** No process works on this kind: it waits until it is cancelled. */
  const idle = job('test.idle', { title: 'Wait for ever', input: z.object({}) });
  const started = (): Promise<string> =>
    app.projector.jobs.start(
      idle,
      {},
      { tenant: testTenants.north, actor: { kind: 'job', id: 'spec' }, correlationId: newId() },
    );

  it('cancels a waiting job once', async () => {
    const jobId = await started();
    const books = await app.client('Accountant');
    expect(await books.ask(readJob, { jobId })).toMatchObject({ state: 'waiting', title: 'Wait for ever' });
    expect(await books.execute(cancelJob, { jobId })).toEqual({ id: jobId });
    expect(await books.ask(readJob, { jobId })).toMatchObject({ state: 'cancelled' });
    expect((await books.ask(listJobs, {})).items.map(({ id, state }) => [id, state])).toEqual([[jobId, 'cancelled']]);
    await books.execute(cancelJob, { jobId }, { status: 409 });
  });

  it('shows and cancels nothing of another tenant, and is read-only for an Auditor', async () => {
    const jobId = await started();
    const strangers = await app.client('Admin', 'south');
    await strangers.ask(readJob, { jobId }, { status: 404 });
    await strangers.execute(cancelJob, { jobId }, { status: 404 });
    expect((await strangers.ask(listJobs, {})).items).toEqual([]);
    const auditor = await app.client('Auditor');
    await auditor.ask(readJob, { jobId });
    await auditor.execute(cancelJob, { jobId }, { status: 403 });
  });
});
