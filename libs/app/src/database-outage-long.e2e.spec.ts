import { createCompany } from '@daybook/accounting';
import { databaseProxy, type DatabaseProxy } from '@daybook/postgres/testing/proxy';
import { listProjections } from '@daybook/server/platform/platform.operations';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type TestApp } from '@daybook/testing/app';

const until = async (so: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await so())) await sleep(20);
};

describe('a database that is away for a while', () => {
  let proxy: DatabaseProxy;
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp({
      databaseUrl: async (url) => {
        proxy = await databaseProxy(url);
        return proxy.through(url);
      },
    });
  });
  afterAll(async () => {
    proxy.restore();
    await app.close();
    await proxy.close();
  });

  it('is retried ever more rarely by API and projector, and everything recovers by itself', async () => {
    const books = await app.client('Accountant');
    await books.execute(createCompany, { name: 'Before AS', currency: 'NOK' });
    await app.settle();
    const tries = (): number =>
      app.log.filter((line) => line.includes('the listening connection is interrupted')).length;
    const [asked, began] = [proxy.asked, performance.now()];
    proxy.refuse();
    // Both listeners have tried in vain a few times, each time after a longer wait: in all some 12 s.
    await until(() => tries() >= 14);
    const seconds = (performance.now() - began) / 1_000;
    // The queue polls for work a few times a second regardless; nothing else polls more often.
    expect((proxy.asked - asked) / seconds).toBeLessThan(20);

    proxy.restore();
    const { position } = await books.execute(createCompany, { name: 'After AS', currency: 'NOK' });
    await until(async () => (await app.projector.reads.position()) >= BigInt(position));
    // One listening connection for each of the two programs again, and room for everybody.
    await until(async () => {
      const { rows } = await app.projector.pool.query<{ n: string }>(
        `select count(*) as n from pg_stat_activity where datname = current_database() and application_name like 'daybook % listen'`,
      );
      return Number(rows[0]!.n) === 2;
    });
    expect((await books.ask(listProjections, {})).items.every(({ behind }) => behind.events === '0')).toBe(true);
    expect(proxy.open).toBeLessThanOrEqual(35);
  }, 120_000);
});
