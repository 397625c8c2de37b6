import { newId } from '@daybook/kernel';
import request from 'supertest';
import { defaultLimits, RateLimits } from '../dispatch/limits.js';
import { type KitApp, startKit, tokenOf } from '../testing/kit-app.js';

const tenant = newId();
const rights = ['notes.note.write', 'notes.note.read', 'notes.note.change', 'files.file.upload', 'files.file.read'];
const token = tokenOf(tenant, 'ada', rights);

describe('REST', () => {
  let kit: KitApp;
  beforeAll(async () => {
    kit = await startKit();
  });
  afterAll(() => kit.close());

  const server = () => kit.app.getHttpServer();
  const as = <T extends request.Test>(test: T, bearer = token): T => test.set('authorization', `Bearer ${bearer}`);
  const notesOf = (board: string) => `/v1/notes/boards/${board}/notes`;
  const write = (board: string, text: string) => as(request(server()).post(notesOf(board))).send({ text });
  const board = newId();

  it('answers a command with id, version, position and ETag', async () => {
    const answer = await write(newId(), 'one').expect(200);
    expect(answer.body).toEqual({ id: expect.any(String), version: 1, position: expect.stringMatching(/^\d+$/) });
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('executes a request once per idempotency key, and answers another body with 422', async () => {
    const keyed = (text: string) => write(board, text).set('idempotency-key', 'k1');
    const first = await keyed('keyed').expect(200);
    expect((await keyed('keyed').expect(200)).body).toEqual(first.body);
    const other = await keyed('another').expect(422);
    expect(other.body.code).toBe('platform.idempotency-key-reused');
  });

  it('runs the steps of a command once when it is repeated', async () => {
    const two = newId();
    const send = () =>
      as(request(server()).post(`/v1/notes/boards/${two}/two`))
        .set('idempotency-key', 'k2')
        .send({ text: 'n' });
    const first = await send().expect(200);
    expect((await send().expect(200)).body).toEqual(first.body);
    expect((await as(request(server()).get(notesOf(two)))).body.items).toHaveLength(2);
  });

  it('answers 428 when If-Match is missing, 412 when it is stale, 400 when it is malformed', async () => {
    const { body } = await write(board, 'to change').expect(200);
    const change = () => as(request(server()).put(`${notesOf(board)}/${body.id}`)).send({ text: 'changed' });
    expect((await change().expect(428)).body.code).toBe('platform.version-required');
    expect((await change().set('if-match', '"7"').expect(412)).body).toMatchObject({
      code: 'platform.version-stale',
      details: { expected: 7, actual: 1 },
    });
    await change().set('if-match', 'seven').expect(400);
    expect((await change().set('if-match', 'W/"1"').expect(412)).body.code).toBe('platform.version-weak');
    for (const one of ['*', '"1", "2"']) await change().set('if-match', one).expect(400);
    const changed = await change().set('if-match', '"1"').expect(200);
    expect(changed.headers['etag']).toBe('"2"');
    expect((await write(board, 'x').set('if-match', '"1"').expect(400)).body.code).toBe(
      'platform.version-not-accepted',
    );
  });

  it('answers 401 without a token, and 403 with the missing permission', async () => {
    const anonymous = await request(server()).get(notesOf(board)).expect(401);
    expect(anonymous.headers['www-authenticate']).toBe('Bearer');
    expect(anonymous.headers['content-type']).toContain('application/problem+json');
    await as(request(server()).get(notesOf(board)), 'not-a-token').expect(401);
    const forbidden = await as(request(server()).get(notesOf(board)), tokenOf(tenant, 'bo', ['x'])).expect(403);
    expect(forbidden.body).toMatchObject({
      type: 'urn:daybook:problem:platform.forbidden',
      title: 'Forbidden',
      status: 403,
      details: { permission: 'notes.note.read' },
    });
    expect(forbidden.body.traceId).toBe(forbidden.headers['x-request-id']);
  });

  it('names every invalid field with a JSON pointer and a message', async () => {
    const answer = await as(request(server()).post(notesOf('no-uuid')))
      .send({ text: 5, tags: [{ name: 'ok' }, {}], colour: 'red' })
      .expect(400);
    expect(answer.body.code).toBe('platform.invalid-input');
    expect(answer.body.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/boardId', code: 'invalid-format', message: expect.any(String) },
        { pointer: '/text', code: 'invalid-type', message: 'Expected text.' },
        { pointer: '/tags/1/name', code: 'invalid-type', message: 'This is required.' },
        { pointer: '/colour', code: 'unrecognized-keys', message: 'Unknown field.' },
      ]),
    );
  });

  it.each([
    ['malformed JSON', 'post', '{"text":', 'application/json', 400, 'platform.malformed'],
    ['a body that is no object', 'post', '["text"]', 'application/json', 400, 'platform.invalid-input'],
    ['a poisoned prototype', 'post', '{"__proto__":{"a":1}}', 'application/json', 400, 'platform.malformed'],
    ['another media type', 'post', '<text/>', 'application/xml', 415, 'platform.unsupported-media-type'],
    ['raw bytes', 'post', 'bytes', 'application/octet-stream', 415, 'platform.unsupported-media-type'],
    [
      'too large a body',
      'post',
      JSON.stringify({ text: 'x'.repeat(2_100_000) }),
      'application/json',
      413,
      'platform.body-too-large',
    ],
    ['a wrong method', 'delete', '', 'application/json', 405, 'platform.method-not-allowed'],
  ] as const)('turns %s into a problem document', async (_, method, body, type, status, code) => {
    const answer = await as(request(server())[method](notesOf(board)))
      .set('content-type', type)
      .send(body);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    if (status === 405) expect(answer.headers['allow']).toBe('GET, HEAD, POST');
  });

  it('rejects input that is nested too deeply', async () => {
    const deep = `{"text":${'['.repeat(3000)}${']'.repeat(3000)}}`;
    const answer = await as(request(server()).post(notesOf(board)))
      .set('content-type', 'application/json')
      .send(deep);
    expect([answer.status, answer.body.code]).toEqual([400, 'platform.invalid-input']);
  });

  it('rejects text that cannot be stored before it is recorded and breaks every reader', async () => {
    const before = kit.store.all.length;
    for (const text of ['a\u0000b', 'half a pair \ud800']) {
      const { body } = await write(board, text).expect(400);
      expect(body).toMatchObject({
        code: 'platform.invalid-input',
        errors: [{ pointer: '/text', code: 'unreadable-text' }],
      });
    }
    const tagged = await as(request(server()).post(notesOf(board)))
      .send({ text: 'x', tags: [{ name: '\u0000' }] })
      .expect(400);
    expect(tagged.body.errors[0].pointer).toBe('/tags/0/name');
    const asked = await as(request(server()).get(`${notesOf(board)}?cursor=%00`)).expect(400);
    expect(asked.body.errors[0].code).toBe('unreadable-text');
    for (const reason of ['because%00', 'turned%E2%80%AEesrever', 'unseen%E2%80%8B', '%E3%85%A4', 'x'.repeat(501)]) {
      const { body } = await write(board, 'why').set('x-daybook-reason', reason).expect(400);
      expect(body.code).toBe('platform.reason-invalid');
    }
    expect(kit.store.all).toHaveLength(before);
  });

  it('rejects known-at that is empty or given twice', async () => {
    for (const moment of ['min-position=', 'min-position=1&min-position=2']) {
      await as(request(server()).get(`${notesOf(board)}?${moment}`)).expect(400);
    }
  });

  it('answers 404 for an unknown address', async () => {
    expect((await request(server()).get('/v1/nothing').expect(404)).body.code).toBe('platform.not-found');
  });

  it('reveals only the trace id of a bug, and logs it', async () => {
    const answer = await as(request(server()).post('/v1/notes/break')).expect(500);
    expect(answer.body.code).toBe('platform.unexpected');
    expect(answer.text).not.toContain('hunter2');
    expect(answer.text).not.toContain('.ts');
    expect(kit.log.some((line) => line.includes(answer.body.traceId) && line.includes('notes.note.break'))).toBe(true);
  });

  it('uses the trace id of the caller', async () => {
    const answer = await request(server())
      .get('/v1/nothing')
      .set('traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01');
    expect(answer.body.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
  });

  it('converts query strings by the schema and names unknown filters', async () => {
    const get = (query: string) => as(request(server()).get(`${notesOf(board)}?${query}`));
    await get('limit=7&from=3&done=true&tag=a&tag=b').expect(200);
    expect((await get('limit=many').expect(400)).body.errors[0].pointer).toBe('/limit');
    expect((await get('limti=7').expect(400)).body.errors[0].pointer).toBe('/limti');
  });

  it('pages by signed cursors that work only for the list that they came from', async () => {
    const long = newId();
    for (const text of ['a', 'b', 'c']) await write(long, text).expect(200);
    const page = (at: string, query: string) => as(request(server()).get(`${notesOf(at)}?${query}`));
    const first = (await page(long, 'limit=2').expect(200)).body;
    expect(first.items.map((n: { text: string }) => n.text)).toEqual(['a', 'b']);
    const second = (await page(long, `limit=2&cursor=${first.next}`).expect(200)).body;
    expect(second).toMatchObject({ items: [{ text: 'c' }], next: null });
    const changed = Buffer.from(first.next, 'base64url');
    changed[changed.length - 1]! ^= 1;
    for (const [at, cursor] of [
      [long, changed.toString('base64url')],
      [long, 'x'],
      [board, first.next],
    ] as const) {
      expect((await page(at, `limit=2&cursor=${cursor}`).expect(400)).body.code).toBe('platform.cursor-invalid');
    }
    await page(long, `limit=2&cursor=${first.next}&known-at=1`).expect(400);
    const foreign = tokenOf(newId(), 'ada', rights);
    await as(request(server()).get(`${notesOf(long)}?cursor=${first.next}`), foreign).expect(400);
  });

  it('returns lists as CSV with all rows, exact figures, and formulas neutralised', async () => {
    const sheet = newId();
    for (const text of ['=1+1', 'a "quoted", one', '@sum']) await write(sheet, text).expect(200);
    const answer = await as(request(server()).get(notesOf(sheet)))
      .set('accept', 'text/csv')
      .expect(200);
    expect(answer.headers['content-type']).toContain('text/csv');
    expect(answer.text).toBe(
      ['number,text,amount', `1,'=1+1,-0.50`, '2,"a ""quoted"", one",-1.50', `3,'@sum,-2.50`, ''].join('\r\n'),
    );
  });

  it('returns CSV for Excel by media type, with BOM, semicolons and decimal commas', async () => {
    const sheet = newId();
    await write(sheet, 'Ærlig, 1.5; =1').expect(200);
    const asCsv = (accept: string) =>
      as(request(server()).get(notesOf(sheet)))
        .set('accept', accept)
        .expect(200);
    const excel = await asCsv('text/csv; form=excel, application/json;q=0.5');
    expect(excel.headers['content-type']).toBe('text/csv; charset=utf-8; header=present; form=excel');
    expect(excel.text).toBe(`\ufeffnumber;text;amount\r\n1;"Ærlig, 1.5; '=1";-0,50\r\n`);
    expect((await asCsv('text/csv')).text).toBe(`number,text,amount\r\n1,"Ærlig, 1.5; '=1",-0.50\r\n`);
    expect((await asCsv('text/csv;form=excel;q=0, */*')).headers['content-type']).toContain('application/json');
  });

  it('waits for min-position, and answers 503 with Retry-After when the read models stay behind', async () => {
    const { body } = await write(board, 'waited for').expect(200);
    const get = () => as(request(server()).get(`${notesOf(board)}?min-position=${body.position}`));
    await get().expect(200);
    kit.behind = 0n;
    try {
      const soon = get();
      setTimeout(() => (kit.behind = BigInt(body.position)), 150);
      await soon.expect(200);
      kit.behind = 0n;
      const late = await get().expect(503);
      expect(late.body.code).toBe('platform.read-model-behind');
      expect(late.headers['retry-after']).toBe('1');
    } finally {
      kit.behind = null;
    }
  });

  it('records channel, reason and trace id of a command', async () => {
    await write(board, 'from the console')
      .set('x-daybook-channel', 'console')
      .set('x-daybook-reason', encodeURIComponent('Årsslutt'))
      .expect(200);
    expect(kit.store.all.at(-1)!.meta).toMatchObject({
      channel: 'console',
      reason: 'Årsslutt',
      address: '127.0.0.1',
      operation: 'notes.note.write',
    });
  });

  it.each(['__proto__', 'constructor', 'job', 'CONSOLE'])('records the unknown channel %s as REST', async (name) => {
    await write(board, `through ${name}`).set('x-daybook-channel', name).expect(200);
    expect(kit.store.all.at(-1)!.meta.channel).toBe('rest');
  });

  it('stores uploaded files and returns them', async () => {
    const sent = await as(request(server()).post('/v1/files?name=books.xml'))
      .set('content-type', 'application/octet-stream')
      .send('<books/>')
      .expect(200);
    expect(sent.body).toMatchObject({ size: 8, name: 'books.xml', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const got = await as(request(server()).get(`/v1/files/${sent.body.sha256}`))
      .buffer(true)
      .expect(200);
    expect(got.body.toString()).toBe('<books/>');
    expect(got.headers['content-disposition']).toContain('books.xml');
    const foreign = tokenOf(newId(), 'ada', rights);
    const tagged = (tag: string, token?: string) =>
      as(request(server()).get(`/v1/files/${sent.body.sha256}`), token).set('if-none-match', tag);
    for (const tag of [`"${sent.body.sha256}"`, `"x", W/"${sent.body.sha256}"`, '*']) await tagged(tag).expect(304);
    await tagged('"x"').expect(200);
    // A person who may not read the file does not learn that it is unchanged.
    await tagged(`"${sent.body.sha256}"`, foreign).expect(404);
    await as(request(server()).get(`/v1/files/${sent.body.sha256}`), foreign).expect(404);
    await as(request(server()).post('/v1/files?name=../x'))
      .set('content-type', 'application/octet-stream')
      .send('x')
      .expect(400);
    await as(request(server()).post('/v1/files?name=x'), tokenOf(tenant, 'bo', ['x']))
      .set('content-type', 'application/octet-stream')
      .send('x')
      .expect(403);
  });

  it.each([
    ['with a bidirectional override', 'annual\u202efdp.exe'],
    ['with an invisible character', 'books\u200b.xml'],
    ['of two lines', 'books\r\n.xml'],
    ['with a control character', 'books\u0085.xml'],
    ['of invisible characters only', '\u3164'],
  ])('rejects a file name %s', async (_, name) => {
    const { body } = await as(request(server()).post('/v1/files').query({ name }))
      .set('content-type', 'application/octet-stream')
      .send('x')
      .expect(400);
    expect(body).toMatchObject({ code: 'platform.invalid-input', errors: [{ pointer: '/name' }] });
  });
});

describe('routes that are not operations', () => {
  let kit: KitApp;
  beforeEach(async () => {
    kit = await startKit({ providers: [{ provide: RateLimits, useValue: new RateLimits({ now: () => 0 }) }] });
  });
  afterEach(() => kit.close());

  it.each([
    ['GET', `/v1/files/${'0'.repeat(64)}`, 'files.file.read'],
    ['POST', '/v1/files?name=x', 'files.file.upload'],
    ['GET', '/v1/live', 'platform.live.read'],
  ] as const)('limit invalid tokens like operations do, log and count them: %s %s', async (method, url, name) => {
    const headers = { authorization: 'Bearer made-up' };
    const ask = async () => (await kit.app.inject({ method, url, headers })).json();
    for (let times = 0; times < defaultLimits.anonymous.burst; times += 1) {
      expect(await ask()).toMatchObject({ code: 'platform.unauthenticated' });
    }
    expect(await ask()).toMatchObject({ code: 'platform.too-many-requests' });
    const lines = kit.log.filter((line) => line.includes('"refused"') && line.includes(`"${name}"`));
    expect(lines).toHaveLength(defaultLimits.anonymous.burst);
    const { payload } = await kit.app.inject({ method: 'GET', url: '/metrics' });
    for (const [status, count] of [
      [401, defaultLimits.anonymous.burst],
      [429, 1],
    ]) {
      expect(payload).toContain(
        `daybook_operations_total{operation="${name}",channel="rest",status="${status}"} ${count}\n`,
      );
    }
  });
});
