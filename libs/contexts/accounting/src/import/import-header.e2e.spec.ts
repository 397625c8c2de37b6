import { mock } from 'node:test';
import { concurrencyRules } from '@daybook/server/dispatch/concurrency';
import { startApp, type TestApp } from '@daybook/testing/app';
import { tinyFile } from '../saft/testing/tiny-file.js';
import { XmlReader } from '../saft/xml.js';
import { headers } from './header-reader.js';
import { startImport } from './import.operations.js';

/** The others wait for their turn. */
const atOnce = concurrencyRules.command.caller.running;

describe('thirty imports started at once', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
    // Without the projector only the API is at work.
    await app.projector.jobs.stop();
  });
  afterAll(async () => {
    mock.restoreAll();
    await app.close();
  });

  it('do not delay health checks or other requests, and parse no XML in the main thread', async () => {
    const books = await app.client('Accountant');
    const parsed = mock.method(XmlReader.prototype, 'write');
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const read = headers.read.bind(headers);
    let waiting = 0;
    mock.method(headers, 'read', async (...[tenant, open]: Parameters<typeof read>) => {
      waiting += 1;
      await released;
      return read(tenant, open);
    });
    const uploads = [];
    for (let i = 0; i < 30; i += 1) {
      const large = `<!-- ${i} ${'x'.repeat(100_000)} -->`;
      uploads.push(await books.upload(`${i}.xml`, tinyFile().replace('<Header>', `${large}<Header>`)));
    }
    const started = uploads.map(({ sha256, name }) => books.execute(startImport, { sha256, name }));
    while (waiting < atOnce) await app.anonymous.get('/health/live').expect(200);
    for (let i = 0; i < 10; i += 1) await app.anonymous.get('/health/live').expect(200);
    await books.get('/v1/identity/session').expect(200);
    expect(waiting).toBe(atOnce);
    release();
    expect(await Promise.all(started)).toHaveLength(30);
    expect(waiting).toBe(30);
    expect(parsed.mock.callCount()).toBe(0);
  });
});
