import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { readImport, startImport } from '@daybook/accounting';
import { Upkeep } from '@daybook/server/upkeep';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';

/* Retention of jobs and files, in the whole product. */
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
  });
  afterAll(() => app.close());

  const after = (days: number) =>
    new Upkeep({ ...app.projector, config: app.config }, () => new Date(Date.now() + days * 24 * 3600 * 1000));
  const file = async (sha256: string) => (await books.get(`/v1/files/${sha256}`)).status;

  it('deletes nothing early', async () => {
    expect(await after(1).run()).toEqual({ jobs: 0, files: 0, leftovers: 0 });
    expect([await file(cited), await file(stray)]).toEqual([200, 200]);
  });

  it('keeps files while the read models lag behind', async () => {
    const { position } = app.projector.reads;
    app.projector.reads.position = async () => 0n;
    expect(await after(40).run()).toEqual({ jobs: 0, files: 0, leftovers: 0 });
    app.projector.reads.position = position;
    expect(await file(stray)).toBe(200);
  });

  it('deletes a file that no record cites after 30 days, and keeps one that a record cites', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => after(41).run()));
    expect(runs.filter((run) => run !== null)).toEqual([{ jobs: 0, files: 1, leftovers: 0 }]);
    expect([await file(cited), await file(stray)]).toEqual([200, 404]);
  });

  it('deletes a job 90 days after it ended, and keeps its results', async () => {
    expect(await after(100).run()).toMatchObject({ jobs: 1 });
    await books.get(`/v1/platform/jobs/${jobId}`).expect(404);
    expect(await books.ask(readImport, { importId })).toMatchObject({ status: 'checked' });
    expect(await file(cited)).toBe(200);
  });
});
