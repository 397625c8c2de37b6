import { StoreUnavailable, type Unavailability } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import request from 'supertest';
import { type KitApp, startKit, tokenOf } from './testing/kit-app.js';
import { MemoryStore } from './testing/memory-store.js';

const tenant = newId();
const token = tokenOf(tenant, 'ada', ['notes.note.write', 'notes.note.read']);

/** An event store that can be made unavailable. */
class LeavingStore extends MemoryStore {
  away: Unavailability | null = null;
  constructor() {
    super(async () => {
      if (this.away !== null) throw new StoreUnavailable(this.away, 'no answer');
    });
  }
}

describe('a command while the event store is unavailable', () => {
  const store = new LeavingStore();
  let kit: KitApp;
  beforeAll(async () => void (kit = await startKit({ store })));
  afterAll(() => kit.close());
  afterEach(() => void (store.away = null));
  const board = newId();
  const write = () =>
    request(kit.app.getHttpServer())
      .post(`/v1/notes/boards/${board}/notes`)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', 'k')
      .send({ text: 'one' });
  const writeInGraphql = () =>
    request(kit.app.getHttpServer())
      .post('/graphql')
      .set('authorization', `Bearer ${token}`)
      .send({ query: `mutation { notesNoteWrite(input: { boardId: "${board}", text: "one" }) { id } }` });

  it.each([
    ['unreachable', 'platform.store-unavailable'],
    ['silent', 'platform.store-unavailable'],
    ['denied', 'platform.store-unavailable'],
    ['full', 'platform.storage-full'],
  ] as const)('is answered with 503 and Retry-After when the store is %s, in REST and GraphQL', async (why, code) => {
    store.away = why;
    const { body, headers } = await write().expect(503);
    expect(body).toMatchObject({ code, status: 503, traceId: expect.any(String) });
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    const { body: answer } = await writeInGraphql();
    expect(answer.errors).toMatchObject([{ extensions: { problem: { code, status: 503 } } }]);
    expect(kit.log.filter((line) => line.includes('operation failed'))).toEqual([]);
  });

  it('works again as soon as the store is back', async () => {
    await write().expect(200);
  });
});
