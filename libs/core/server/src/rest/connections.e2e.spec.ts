import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';
import { Addresses, connectionBounds, type ConnectionBounds } from './connections.js';
import { proxiesOf } from './proxies.js';

const tenant = '0199a9b2-0000-7000-8000-0000000000a1';
const board = '0199a9b2-0000-7000-8000-0000000000c3';
const token = tokenOf(tenant, 'ada', ['notes.note.write', 'notes.note.read', 'files.file.upload']);
const bearer = `authorization: Bearer ${token}\r\n`;

/** A raw TCP connection; `ended` resolves to everything received until the other side closed it. */
class Wire {
  received = '';
  readonly ended: Promise<string>;
  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => (this.received += String(chunk)));
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.received)));
  }
}

describe('a connection that is held open without being used', () => {
  let kit: KitApp;
  let port = 0;
  const wires: Wire[] = [];
  const start = async (bounds: Partial<ConnectionBounds>): Promise<void> => {
    kit = await startKit({ bounds: { ...connectionBounds, checkMs: 20, ...bounds } });
    await kit.app.listen(0, '127.0.0.1');
    port = Number(new URL(await kit.app.getUrl()).port);
  };
  const open = async (text: string): Promise<Wire> => {
    const socket = connect({ port, host: '127.0.0.1' });
    const wire = new Wire(socket);
    wires.push(wire);
    await once(socket, 'connect');
    if (text !== '') socket.write(text);
    return wire;
  };
  afterEach(async () => {
    for (const { socket } of wires.splice(0)) socket.destroy();
    await kit.close();
  });
  const post = (path: string, type: string, more = bearer): string =>
    `POST ${path} HTTP/1.1\r\nhost: x\r\n${more}content-type: ${type}\r\n`;

  it('is closed with 408 when the body does not arrive, 300 at once', async () => {
    await start({ bodyMs: 50 });
    const unfinished = `${post(`/v1/notes/boards/${board}/notes`, 'application/json')}content-length: 100\r\n\r\n{`;
    const all = await Promise.all(Array.from({ length: 300 }, () => open(unfinished)));
    for (const wire of all) expect(await wire.ended).toMatch(/^HTTP\/1\.1 408 .*"code":"platform\.timeout"/s);
  });

  it.each([
    ['in chunks', post(`/v1/notes/boards/${board}/notes`, 'application/json'), 'transfer-encoding: chunked\r\n\r\n1\r\n{\r\n', 408], // prettier-ignore
    ['of an upload', post('/v1/files?name=a.xml', 'application/octet-stream'), 'content-length: 1000000000\r\n\r\n<', 408], // prettier-ignore
    ['of an upload without a token', post('/v1/files?name=a.xml', 'application/octet-stream', ''), 'content-length: 1000000000\r\n\r\n<', 401], // prettier-ignore
    ['of GraphQL', post('/graphql', 'application/json', ''), 'content-length: 900\r\n\r\n{', 408],
    ['at an unknown address', post('/nothing', 'application/json', ''), 'content-length: 900\r\n\r\n{', 408],
  ])('is closed when a body %s does not arrive', async (_, head, rest, status) => {
    await start({ bodyMs: 50 });
    const wire = await open(head + rest);
    expect(await wire.ended).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('is closed when its body trickles, however many bytes are left', async () => {
    await start({ bodyMs: 50, bodyBytesPerSecond: 1e9 });
    const wire = await open(
      `${post('/v1/files?name=a.xml', 'application/octet-stream')}content-length: 1000000\r\n\r\n`,
    );
    const drip = setInterval(() => wire.socket.write('<'), 5);
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  it('is no error of ours when the caller leaves before their upload has arrived', async () => {
    await start({});
    const wire = await open(`${post('/v1/files?name=a.xml', 'application/octet-stream')}content-length: 1000\r\n\r\n<`);
    const logged = (text: string) => kit.log.filter((entry) => entry.includes(text));
    await new Promise((begun) => kit.app.getHttpServer().once('request', begun));
    wire.socket.destroy();
    while (logged('"msg":"the caller left').length + logged('"level":"error"').length === 0) await sleep(5);
    expect(logged('"level":"error"')).toEqual([]);
  });

  it('stays open while its body arrives at the rate of a slow connection', async () => {
    await start({ bodyMs: 50, bodyBytesPerSecond: 1 });
    const text = 'x'.repeat(90);
    const body = JSON.stringify({ text, tags: Array.from({ length: 60 }, () => ({ name: 'a tag as long as this' })) });
    const wire = await open(
      `${post(`/v1/notes/boards/${board}/notes`, 'application/json')}connection: close\r\ncontent-length: ${body.length}\r\n\r\n`,
    );
    wire.socket.write(body.slice(0, -1));
    await sleep(300);
    wire.socket.write(body.slice(-1));
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 200 /);
  });

  it.each([
    ['nothing', ''],
    ['half a header', 'GET /health/live HTTP/1.1\r\nhost: x\r\nx-a: '],
  ])('is closed when it only sends %s', async (_, text) => {
    await start({ headersMs: 50 });
    const wire = await open(text);
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('is closed when no further request arrives', async () => {
    await start({ keepAliveMs: 50 });
    const wire = await open('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await wire.ended).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is closed when its live updates transfer no bytes in either direction', async () => {
    await start({ idleMs: 100 });
    const wire = await open(`GET /v1/live HTTP/1.1\r\nhost: x\r\n${bearer}\r\n`);
    wire.socket.pause();
    const left = kit.app.getHttpAdapter().getHttpServer() as unknown as { getConnections: (done: (error: Error | null, count: number) => void) => void }; // prettier-ignore
    const count = () => new Promise<number>((resolve) => left.getConnections((_, open) => resolve(open)));
    while ((await count()) > 0) await sleep(20);
    expect(await count()).toBe(0);
  });

  it('is refused when there are too many in total', async () => {
    await start({ connections: 5 });
    const held = await Promise.all(Array.from({ length: 5 }, () => open('')));
    const more = await open('GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await more.ended).toBe('');
    expect(held.every(({ socket }) => !socket.destroyed)).toBe(true);
  });
});

describe('connections of one network address', () => {
  it('are limited, released when they close, and not counted for a trusted proxy', () => {
    const addresses = new Addresses(2, proxiesOf(['10.1.0.0/16', '2001:db8::1'])!);
    const [first] = [addresses.admit('203.0.113.7'), addresses.admit('::ffff:203.0.113.7')];
    expect(addresses.admit('203.0.113.7')).toBeNull();
    expect(addresses.admit('203.0.113.8')).not.toBeNull();
    first?.();
    expect(addresses.admit('203.0.113.7')).not.toBeNull();
    expect(addresses.admit('203.0.113.7')).toBeNull();
    for (const proxy of ['127.0.0.1', '::1', '::ffff:127.0.0.1', '10.1.2.3', '::ffff:10.1.2.3', '2001:db8::1']) {
      for (let i = 0; i < 5; i += 1) expect(addresses.admit(proxy)).not.toBeNull();
    }
  });
});

describe('callers behind a proxy on another host', () => {
  let kit: KitApp;
  beforeAll(async () => void (kit = await startKit({ env: { DAYBOOK_TRUSTED_PROXIES: '10.1.0.0/16' } })));
  afterAll(() => kit.close());
  /** Statuses of many callers, each with its own address, that come through one peer. */
  const answersBy = async (remoteAddress: string): Promise<number[]> => {
    const statuses = new Set<number>();
    for (let i = 0; i < 80; i++) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` };
      const answer = await kit.app.inject({
        method: 'GET',
        url: `/v1/notes/boards/${board}/notes`,
        headers,
        remoteAddress,
      });
      statuses.add(answer.statusCode);
    }
    return [...statuses].toSorted();
  };

  it('do not share the limit of one address', async () => {
    expect(await answersBy('10.1.2.3')).toEqual([401]);
  });

  it('are identified by X-Forwarded-For from that proxy only', async () => {
    expect(await answersBy('10.2.0.1')).toEqual([401, 429]);
  });
});
