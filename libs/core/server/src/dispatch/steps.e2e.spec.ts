import { command, isRejection, newId } from '@daybook/kernel';
import request from 'supertest';
import * as z from 'zod';
import { context, perform } from '../context.js';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';
import { MemoryStore } from '../testing/memory-store.js';
import { boardStream, notes, writeNote } from '../testing/notes.js';

/** Writes the texts that the board does not have yet, so that a retry runs other steps than the first attempt. */
const fill = command('notes.note.fill', {
  title: 'Fill a board',
  http: 'POST /v1/notes/boards/{boardId}/fill',
  permission: 'notes.note.write',
  says: 'filled the board',
  input: z.object({ boardId: z.uuid(), texts: z.array(z.string()) }),
});
const filling = perform(fill, async ({ boardId, texts }, { caller, events, execute }) => {
  const there = new Set<string>();
  for await (const { data } of events.stream(boardStream(caller.tenant, boardId))) {
    there.add((data as { text: string }).text);
  }
  let answer = { id: boardId, version: 1, position: '0' };
  for (const text of texts.filter((one) => !there.has(one))) {
    const written = await execute(writeNote, { boardId, text }, text);
    if (isRejection(written)) return written;
    answer = written;
  }
  return answer;
});

describe('a command of several steps that is retried after a crash', () => {
  let kit: KitApp;
  let appendsLeft = Infinity;
  const store = new MemoryStore();
  const append = store.append.bind(store);
  store.append = async (...args) => {
    if (appendsLeft-- <= 0) throw new Error('The process died');
    return append(...args);
  };
  beforeAll(async () => {
    const filled = context({ ...notes, bindings: [...notes.bindings, filling] });
    kit = await startKit({ contexts: [filled], store });
  });
  afterAll(() => kit.close());

  it.each([1, 2, 3])('completes the remaining steps when it crashed after %s of four', async (done) => {
    const [tenant, boardId] = [newId(), newId()];
    const send = (texts: string[]) =>
      request(kit.app.getHttpServer())
        .post(`/v1/notes/boards/${boardId}/fill`)
        .set('authorization', `Bearer ${tokenOf(tenant, 'ada', ['notes.note.write'])}`)
        .set('idempotency-key', 'fill')
        .send({ texts });
    const texts = ['a', 'b', 'c', 'd'];
    appendsLeft = done;
    await send(texts).expect(500);
    appendsLeft = Infinity;
    await send(texts).expect(200);
    const written = store.all.filter(({ stream }) => stream === boardStream(tenant, boardId));
    expect(written.map(({ data }) => (data as { text: string }).text)).toEqual(texts);
  });
});
