import { mock } from 'node:test';
import { maxWaitingJobs } from '@daybook/jobs';
import { startApp, type TestApp, type TestClient } from '@daybook/testing/app';
import { tinyFile } from '../saft/testing/tiny-file.js';
import { listImports, startImport } from './import.operations.js';

describe('an import when too many jobs are waiting', () => {
  let app: TestApp;
  let books: TestClient;
  let file: { sha256: string; name: string };
  beforeAll(async () => {
    app = await startApp();
    await app.projector.jobs.stop();
    books = await app.client('Accountant');
    const { sha256, name } = await books.upload('a.xml', tinyFile());
    file = { sha256, name };
    await app.projector.pool.query(
      `insert into jobs.job (tenant, id, name, title, actor, correlation, input, attempts, timeout_seconds)
       select $1, gen_random_uuid(), 'testing.wait', 'Wait', '{}', 'c', '{}', 1, 60 from generate_series(1, $2)`,
      [books.tenant, maxWaitingJobs],
    );
  });
  afterAll(async () => {
    await app.close();
  });
  const imports = async () => {
    await app.settle();
    return (await books.ask(listImports, {})).items;
  };

  it('is not started, with or without an idempotency key', async () => {
    for (const how of [{ status: 429 }, { status: 429, key: 'later' }]) {
      expect(await books.execute(startImport, file, how)).toMatchObject({ code: 'platform.too-many-jobs' });
    }
    expect(await imports()).toEqual([]);
  });

  it('ends as refused if others took the last place in the meantime', async () => {
    const asked = mock.method(app.api.jobs, 'refusal', async () => null);
    expect(await books.execute(startImport, file, { status: 429 })).toMatchObject({ code: 'platform.too-many-jobs' });
    asked.mock.restore();
    expect(await imports()).toMatchObject([{ status: 'refused' }]);
  });

  it('starts with the same idempotency key once there is a place', async () => {
    await app.projector.pool.query(`delete from jobs.job where tenant = $1`, [books.tenant]);
    const { id } = await books.execute(startImport, file, { key: 'later' });
    expect(await imports()).toMatchObject([{ id, status: 'reading' }, { status: 'refused' }]);
  });
});
