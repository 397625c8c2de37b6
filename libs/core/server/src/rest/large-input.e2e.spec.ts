import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';

const tenant = '0199a9b2-0000-7000-8000-0000000000a1';
const board = '0199a9b2-0000-7000-8000-0000000000c3';

/* Bodies just below the size limit, made to provoke huge responses or to exhaust the process that reads them. */
describe('a body of nearly two megabytes', () => {
  let kit: KitApp;
  beforeAll(async () => {
    kit = await startKit();
  });
  afterAll(() => kit.close());

  const send = async (payload: string) => {
    expect(payload.length).toBeLessThan(2_000_000);
    const answer = await kit.app.inject({
      method: 'POST',
      url: `/v1/notes/boards/${board}/notes`,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${tokenOf(tenant, 'ada', ['notes.note.write'])}`,
      },
      payload,
    });
    return { status: answer.statusCode, bytes: answer.payload.length, body: answer.json() };
  };

  it.each([
    ['control characters', `{"text":"x","tags":[${'"\\u0000",'.repeat(90_000)}"x"]}`],
    ['more control characters', `{"text":"x","tags":[${'"\\u0000",'.repeat(200_000)}"x"]}`],
    ['names that cannot be kept', `{"text":"x",${Array.from({ length: 90_000 }, (_, i) => `"\\u0000${i}":1`).join()}}`],
    ['values that do not fit', `{"text":"x","tags":[${'1,'.repeat(99_000)}1]}`],
    ['unknown names', `{"text":"x",${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['one unknown name', `{"text":"x","${'~'.repeat(1_900_000)}":1}`],
    ['one unknown name of control characters', `{"text":"x","${'\\u0001'.repeat(310_000)}":1}`],
    ['names below one another', `{"text":"x","tags":[${`{"${'k'.repeat(1_000)}":{"x":"\\u0000"}},`.repeat(1_500)}1]}`],
  ])('of %s is answered with a few short errors', async (_, payload) => {
    const { status, bytes, body } = await send(payload);
    expect([status, body.code]).toEqual([400, 'platform.invalid-input']);
    expect((body.errors ?? []).length).toBeLessThanOrEqual(50);
    expect(bytes).toBeLessThan(50 * 900);
  });

  it.each([
    ['900,000 items', `{"text":"x","tags":[${'1,'.repeat(900_000)}1]}`],
    ['900,000 items in lists of one', `{"text":"x","tags":[${'[1],'.repeat(450_000)}1]}`],
    ['150,000 names', `{"text":"x",${Array.from({ length: 150_000 }, (_, i) => `"k${i}":1`).join()}}`],
    ['900,000 levels', `{"text":"x","tags":${'['.repeat(900_000)}${']'.repeat(900_000)}}`],
    ['300,000 levels of objects', `{"text":"x","tags":${'{"a":'.repeat(300_000)}1${'}'.repeat(300_000)}}`],
  ])('of %s is rejected as too large, not as an internal error', async (_, payload) => {
    const { status, bytes, body } = await send(payload);
    expect([status, body.code]).toEqual([400, 'platform.invalid-input']);
    expect(body.detail).toMatch(/^The input (is nested deeper than|contains more than) /);
    expect(bytes).toBeLessThan(500);
  });

  it('of a single long text gets an error for its field that does not repeat it', async () => {
    const { status, bytes, body } = await send(`{"text":"${'x'.repeat(1_900_000)}"}`);
    expect([status, body.errors]).toEqual([400, [{ pointer: '/text', code: 'too-big', message: 'At most 100 characters.' }]]); // prettier-ignore
    expect(bytes).toBeLessThan(500);
  });
});
