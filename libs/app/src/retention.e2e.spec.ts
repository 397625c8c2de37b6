import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readImport, startImport } from '@daybook/accounting';
import { upkeepJob } from '@daybook/server/upkeep';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';

/* Retention of jobs and files, in the whole product: a night's work in each tenant, by the clock. */
describe('retention', () => {
  let app: TestApp;
  let books: TestClient;
  let importId: string;
  let jobId: string;
  let cited: string;
  let stray: string;
  beforeAll(async () => {
    app = await startApp();
    books = await app.client('Accountant');
    const name = 'nordlys-kaffe_saf-t_1.30.xml';
    ({ sha256: cited } = await books.upload(name, readFileSync(resolve('examples', name))));
    ({ sha256: stray } = await books.upload('stray.txt', 'nobody imports this'));
    const started = await books.execute(startImport, { sha256: cited, name });
    importId = started.id;
    ({ jobId } = await books.ask(readImport, { importId }, { minPosition: started.position }));
    await app.jobEnded(books, jobId);
    await app.settle();
    const isKnown = async () => (await app.projector.pool.query('select from jobs.schedule')).rowCount === 1;
    for (let round = 0; round < 1_500 && !(await isKnown()); round++) await sleep(20);
  });
  afterAll(() => app.close());

  /** Lets so many days pass, and answers what the next night deletes. */
  const after = (days: number): Promise<unknown> =>
    app.clock.freeze(async () => {
      const nights = async () =>
        (await app.api.jobs.list(books.tenant)).filter(
          ({ name, endedAt }) => name === upkeepJob.name && endedAt !== null,
        );
      const before = new Set((await nights()).map(({ id }) => id));
      app.clock.advance(days * 24 * 3600 * 1000);
      for (let round = 0; round < 1_500; round++) {
        const passed = (await nights()).find(({ id }) => !before.has(id));
        if (passed) return passed.result;
        await sleep(20);
      }
      throw new Error('The night does not end.');
    });
  const file = async (sha256: string) => (await books.get(`/v1/files/${sha256}`)).status;

  it('deletes nothing early', async () => {
    expect(await after(1)).toEqual({ jobs: 0, files: 0, imports: 0, leftovers: 0 });
    expect([await file(cited), await file(stray)]).toEqual([200, 200]);
  });

  it('keeps files while the read models lag behind', async () => {
    const { position } = app.projector.reads;
    app.projector.reads.position = async () => 0n;
    expect(await after(39)).toMatchObject({ files: 0, leftovers: 0 });
    app.projector.reads.position = position;
    expect(await file(stray)).toBe(200);
  });

  it('deletes a file that no record cites after 30 days, and keeps one that a record cites', async () => {
    expect(await after(1)).toMatchObject({ files: 1, leftovers: 0 });
    expect([await file(cited), await file(stray)]).toEqual([200, 404]);
  });

  it('deletes a job 90 days after it ended, and keeps its results', async () => {
    await books.get(`/v1/platform/jobs/${jobId}`).expect(200);
    await after(60);
    await books.get(`/v1/platform/jobs/${jobId}`).expect(404);
    expect(await books.ask(readImport, { importId })).toMatchObject({ status: 'checked' });
    expect(await file(cited)).toBe(200);
  });
});
