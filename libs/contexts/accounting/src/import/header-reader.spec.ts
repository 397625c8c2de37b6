import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { type RejectionError } from '@daybook/kernel';
import { tinyFile } from '../saft/testing/tiny-file.js';
import { HeaderReader, mostOfTenant, mostWaiting, startHeaderWorker } from './header-reader.js';

const file = (text: string) => async () =>
  (async function* () {
    yield Buffer.from(text);
  })();
/** A worker that never answers. */
class Silent extends EventEmitter {
  asked = 0;
  postMessage = () => void (this.asked += 1);
  ref = () => undefined;
  unref = () => undefined;
  terminate = async () => 0;
}

describe('the header of a SAF-T file', () => {
  const threads: Worker[] = [];
  const reader = () =>
    new HeaderReader(() => {
      const thread = startHeaderWorker();
      threads.push(thread);
      return thread;
    });
  afterEach(async () => {
    for (const thread of threads.splice(0)) await thread.terminate();
  });

  it('is read in one worker thread for all files; null if there is none', async () => {
    const headers = reader();
    const found = await Promise.all([
      headers.read('one', file(tinyFile())),
      headers.read('one', file('<html>not SAF-T</html>')),
      headers.read('one', file('')),
      headers.read('one', async () => null),
      headers.read('one', file(tinyFile())),
    ]);
    expect(found).toEqual([{ registrationNumber: '900000001' }, null, null, null, { registrationNumber: '900000001' }]);
    expect(threads).toHaveLength(1);
    expect(threads[0]!.threadId).toBeGreaterThan(0);
  });

  it('is found far into the file, and is not searched for to the end', async () => {
    const headers = reader();
    const far = (bytes: number) => tinyFile().replace('<Header>', `<!-- ${'x'.repeat(bytes)} --><Header>`);
    expect(await headers.read('one', file(far(500_000)))).toEqual({ registrationNumber: '900000001' });
    let read = 0;
    const endless = async () =>
      (async function* () {
        for (;;) {
          read += 1;
          yield Buffer.alloc(256_000, '<!-- and on and on -->');
        }
      })();
    expect(await headers.read('one', endless)).toBeNull();
    expect(read).toBeLessThan(20);
  });

  it('is refused with Retry-After when too many wait or when the worker ends', async () => {
    const silent: Silent[] = [];
    const headers = new HeaderReader(() => {
      const thread = new Silent();
      silent.push(thread);
      return thread as unknown as Worker;
    });
    // One of them is already being read.
    const waiting = Array.from({ length: mostWaiting }, (_, i) => headers.read(i < mostOfTenant + 1 ? 'one' : 'another', file(tinyFile()))); // prettier-ignore
    const ended = waiting.map((one) => one.then(() => null, (error: unknown) => (error as RejectionError).rejection)); // prettier-ignore
    for (const tenant of ['one', 'another']) {
      await expect(headers.read(tenant, file(tinyFile()))).rejects.toMatchObject({
        rejection: { code: 'accounting.import-busy', status: 503 },
      });
    }
    for (let i = 0; i < waiting.length; i += 1) {
      while (silent[i]?.asked !== 1) await new Promise((next) => setImmediate(next));
      silent[i]!.emit('exit', 1);
    }
    for (const one of await Promise.all(ended)) expect(one).toMatchObject({ code: 'accounting.import-busy' });
    // One at a time; after a worker that ended, the next header gets a new one.
    expect(silent.map(({ asked }) => asked)).toEqual(waiting.map(() => 1));
  });

  it('of one tenant is neither delayed nor refused because of the headers of another', async () => {
    const thread = new Silent();
    const headers = new HeaderReader(() => thread as unknown as Worker);
    const served: string[] = [];
    const asked = (tenant: string) => headers.read(tenant, file(tinyFile())).then(() => void served.push(tenant));
    const many = Array.from({ length: mostOfTenant + 1 }, () => asked('many'));
    const more = Array.from({ length: mostWaiting - many.length }, () => asked('more'));
    await expect(asked('many')).rejects.toMatchObject({ rejection: { code: 'accounting.import-busy' } });
    const few = asked('few');
    for (let i = 1; i <= many.length + more.length + 1; i += 1) {
      while (thread.asked < i) await new Promise((next) => setImmediate(next));
      thread.emit('message', { header: { registrationNumber: '1' } });
    }
    await Promise.all([...many, ...more, few]);
    expect(served.indexOf('few')).toBeLessThanOrEqual(3);
    expect(served.slice(4, 10)).toEqual(['many', 'more', 'many', 'more', 'many', 'more']);
  });
});
