import { createCompany, listCompanies } from '@daybook/accounting';
import { startApp, type TestApp } from '@daybook/testing/app';
import { readYourWrites } from '@daybook/testing/read-your-writes';

describe('while the projector is stopped and events wait', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  it('the API stays ready, accepts writes, answers reads, and shows how far behind they are', async () => {
    // Signed in before: what is written is not there to be read afterwards.
    const [books, admin] = [await app.client('Accountant'), await app.client('Admin')];
    await app.settle();
    const level = await app.anonymous.get('/health/ready').expect(200);
    expect(level.body.checks.projections).toMatchObject({ status: 'ok', state: 'level', behind: '0' });

    await app.work.engine.stop();
    readYourWrites(app.app, null);
    const { position } = await books.execute(createCompany, { name: 'Fjord AS', currency: 'NOK' });
    const { body } = await app.anonymous.get('/health/ready').expect(200);
    expect(body.status).toBe('ok');
    expect(body.checks.projections).toMatchObject({ status: 'ok', state: 'behind' });
    expect(Number(body.checks.projections.behind)).toBeGreaterThan(0);
    const { text } = await app.anonymous.get('/metrics').expect(200);
    expect(text).toMatch(/^daybook_projection_lag_positions [1-9]/m);
    expect(text).toMatch(/^daybook_projection_still_seconds \d+$/m);
    const listed = await admin.get('/v1/platform/projections').expect(200);
    expect(listed.body.items.every(({ behind }: { behind: { events: string } }) => behind.events !== '0')).toBe(true);
    expect((await books.ask(listCompanies, {})).items).toEqual([]);
    await books.ask(listCompanies, {}, { minPosition: position, status: 503 });
  });
});
