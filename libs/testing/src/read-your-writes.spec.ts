import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import request from 'supertest';
import { afterProjection, readYourWrites } from './read-your-writes.js';

describe('a client of a spec', () => {
  const app = {};
  let server: Server;
  let position = 0n;
  let head = 0n;
  const sent: string[] = [];
  beforeAll(async () => {
    server = createServer((incoming, answer) => {
      if (incoming.method === 'POST') head = 7n;
      sent.push(`${incoming.method} at ${position}`);
      answer.setHeader('content-type', 'application/json');
      answer.end(incoming.method === 'GET' ? '{}' : '{"id":"a","version":1,"position":"7"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    readYourWrites(app, {
      // The projections come one position further each time somebody looks.
      position: async () => (position < head ? ++position : position),
      head: async () => head,
    });
  });
  afterAll(() => new Promise((closed) => server.close(closed)));

  it('reads its own writes: a read is sent once the projections have reached the head of the log', async () => {
    await afterProjection(app, request(server).get('/')).expect(200);
    await afterProjection(app, request(server).post('/')).expect(200);
    expect((await afterProjection(app, request(server).get('/')).expect(200)).body).toEqual({});
    await afterProjection(app, request(server).post('/'), true).expect(200);
    expect(sent).toEqual(['GET at 0', 'POST at 0', 'GET at 7', 'POST at 7']);
  });

  it('reads at once if the progress of the projections is unknown, or nothing is projected', async () => {
    const broken = {};
    const position = async () => {
      throw new Error('No projections here');
    };
    readYourWrites(broken, { position, head: async () => 1n });
    await afterProjection(broken, request(server).get('/')).expect(200);
    readYourWrites(broken, null);
    await afterProjection(broken, request(server).get('/')).expect(200);
  });
});
