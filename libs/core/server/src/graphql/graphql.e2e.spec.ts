import { reject } from '@daybook/kernel';
import { getIntrospectionQuery } from 'graphql';
import { answer, servedGraphql } from './testing/served.js';

describe('GraphQL', () => {
  const { app, dispatcher, bugs, ask, codeOf } = servedGraphql();

  it('runs a mutation with key, version and reason, and returns the answer of the operation', async () => {
    const { status, body } = await ask({
      query: `mutation ($input: BooksEntryPostInput!) {
        booksEntryPost(input: $input, key: "k1", expectedVersion: 3, reason: "because") { id version position }
      }`,
      variables: { input: { date: '2026-03-31', amount: '10.50', note: null } },
    });
    expect({ status, body }).toEqual({ status: 200, body: { data: { booksEntryPost: answer } } });
    expect(dispatcher.calls[0]).toMatchObject({
      name: 'books.entry.post',
      input: { date: '2026-03-31', amount: '10.50' },
      request: { idempotencyKey: 'k1', expectedVersion: 3, reason: 'because', channel: 'graphql' },
    });
  });

  it('passes on minPosition and knownAt', async () => {
    const { body } = await ask({
      query: '{ booksEntryList(input: { limit: 5 }, minPosition: "9", knownAt: "12") { items { amount } next } }',
    });
    expect(body).toEqual({ data: { booksEntryList: { items: [{ amount: '10.50' }], next: null } } });
    expect(dispatcher.calls[0]?.request).toMatchObject({ minPosition: '9', knownAt: '12' });
  });

  it('runs each alias as a call of its own, so that rate limits count each', async () => {
    await ask({ query: '{ a: booksEntryList { next } b: booksEntryList { next } c: booksEntryList { next } }' });
    expect(dispatcher.calls).toHaveLength(3);
  });

  it('answers a rejection with HTTP 200 and the problem document in the extensions', async () => {
    dispatcher.next = reject('books.period-closed', 'March 2026 is closed.', { details: { period: 3 } });
    const { status, body } = await ask({ query: '{ booksEntryList { next } }' });
    expect(status).toBe(200);
    expect(body.data).toBeNull();
    expect(body.errors[0]).toMatchObject({
      message: 'March 2026 is closed.',
      path: ['booksEntryList'],
      extensions: {
        problem: {
          type: 'urn:daybook:problem:books.period-closed',
          title: 'Period closed',
          status: 409,
          detail: 'March 2026 is closed.',
          code: 'books.period-closed',
          traceId: 'trace-1',
          details: { period: 3 },
        },
      },
    });
  });

  it('hides the message of a bug, logs it, and returns the trace id', async () => {
    dispatcher.next = new Error('password is hunter2');
    const { status, body } = await ask({ query: '{ booksEntryList { next } }' });
    expect(status).toBe(200);
    expect(codeOf(body)).toBe('platform.unexpected');
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(bugs).toHaveLength(1);
  });

  it('refuses JSON numbers where amounts are exact', async () => {
    const literal = await ask({
      query: 'mutation { booksEntryPost(input: { date: "2026-03-31", amount: 10.5 }) { id } }',
    });
    expect(codeOf(literal.body)).toBe('platform.graphql-invalid');
    const variable = await ask({
      query: 'mutation ($a: Amount!) { booksEntryPost(input: { date: "2026-03-31", amount: $a }) { id } }',
      variables: { a: 10 },
    });
    expect(codeOf(variable.body)).toBe('platform.graphql-invalid');
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('answers an invalid query with a problem and HTTP 200', async () => {
    for (const query of ['{ nothing }', '{ booksEntryList { ', 'subscription { x }']) {
      const { status, body } = await ask({ query });
      expect([status, codeOf(body), body.data]).toEqual([200, 'platform.graphql-invalid', null]);
    }
  });

  it('answers introspection', async () => {
    const { body } = await ask({ query: getIntrospectionQuery() });
    const types = body.data.__schema.types.map((t: { name: string }) => t.name);
    expect(types).toEqual(expect.arrayContaining(['Entry', 'BooksEntryPostInput', 'CommandResult']));
    expect(body.data.__schema.subscriptionType).toBeNull();
  });

  it('refuses GET, batches, JSON trees, other content types and broken JSON', async () => {
    const got = await app().inject({ method: 'GET', url: '/graphql?query={booksEntryList{next}}' });
    expect([got.statusCode, got.headers['allow']]).toEqual([405, 'POST']);
    const q = { query: '{ booksEntryList { next } }' };
    expect((await ask([q, q])).status).toBe(400);
    expect((await ask({ query: '{"kind":"Document","definitions":[]}' })).body.errors[0].message).toContain('text');
    expect((await ask('{ booksEntryList { next } }', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await ask('{"query":')).status).toBe(400);
    expect((await ask({ variables: {} })).status).toBe(400);
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('does not serve GraphiQL by default', async () => {
    expect((await app().inject({ url: '/graphiql' })).statusCode).toBe(404);
  });
});
