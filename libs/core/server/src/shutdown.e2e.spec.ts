import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectionBounds } from './rest/connections.js';
import { type KitApp, startKit, tokenOf } from './testing/kit-app.js';
import { MemoryStore } from './testing/memory-store.js';

const tenant = '0199a9b2-0000-7000-8000-0000000000a1';
const board = '0199a9b2-0000-7000-8000-0000000000c3';
const token = tokenOf(tenant, 'ada', ['notes.note.write', 'notes.note.read']);

describe('a server that shuts down', () => {
  let kit: KitApp;
  let begun: PromiseWithResolvers<void>;
  let open: PromiseWithResolvers<void>;
  const sockets: Socket[] = [];
  /** An append waits until it is let through; reads do not, since a starting server reads too. */
  class HeldStore extends MemoryStore {
    override async append(...args: Parameters<MemoryStore['append']>): ReturnType<MemoryStore['append']> {
      begun.resolve();
      await open.promise;
      return super.append(...args);
    }
  }
  const start = async (endMs: number): Promise<void> => {
    [begun, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    kit = await startKit({ store: new HeldStore(), bounds: { ...connectionBounds, endMs } });
    await kit.app.listen(0, '127.0.0.1');
  };
  afterEach(async () => {
    open.resolve();
    for (const socket of sockets.splice(0)) socket.destroy();
    await kit.close();
  });

  /** Sends a request over a connection that is kept alive; `ended` resolves to all that came when the server closes it. */
  const send = async (request: string, body = '') => {
    const socket = connect({ port: Number(new URL(await kit.app.getUrl()).port), host: '127.0.0.1' });
    sockets.push(socket);
    let received = '';
    socket.on('data', (chunk) => (received += String(chunk)));
    const ended = once(socket, 'close').then(() => received);
    const answered = once(socket, 'data');
    const length = body === '' ? '' : `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    socket.write(`${request} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n${length}\r\n${body}`);
    return { ended, answered };
  };
  const write = () => send(`POST /v1/notes/boards/${board}/notes`, '{"text":"Milk"}');

  it('answers the request that is running, and closes idle connections and live updates', async () => {
    await start(60_000);
    const idle = await send('GET /v1/health/live');
    const live = await send('GET /v1/live');
    await Promise.all([idle.answered, live.answered]);
    const running = await write();
    await begun.promise;
    const closed = kit.close();
    expect(await idle.ended).toMatch(/^HTTP\/1\.1 /);
    expect(await live.ended).toMatch(/^HTTP\/1\.1 200 .*text\/event-stream/s);
    open.resolve();
    expect(await running.ended).toMatch(/^HTTP\/1\.1 200 /);
    await closed;
    expect(kit.store.all).toHaveLength(1);
  });

  it('cuts off a request that does not end in time', async () => {
    await start(20);
    const running = await write();
    await begun.promise;
    await kit.close();
    expect(await running.ended).toBe('');
  });
});
