import { graphqlLimits } from './index.js';
import { servedGraphql } from './testing/served.js';

describe('GraphQL', () => {
  const { app, dispatcher, ask, codeOf, pass } = servedGraphql();

  it('limits the depth, also through fragments', async () => {
    const deep = (n: number): string => (n === 0 ? 'name' : `parts { ...deeper${n} }`);
    const fragments = (n: number): string =>
      Array.from({ length: n }, (_, i) => `fragment deeper${i + 1} on Part { ${deep(i)} }`).join(' ');
    const query = (n: number) => `{ booksEntryList { items { ${deep(n)} } } } ${fragments(n)}`;
    expect((await ask({ query: query(1) })).body.errors).toBeUndefined();
    expect(codeOf((await ask({ query: query(12) })).body)).toBe('platform.graphql-too-deep');
    const introspect = (n: number): string => (n === 0 ? 'name' : `fields { type { ${introspect(n - 1)} } }`);
    const { body } = await ask({ query: `{ __schema { types { ${introspect(8)} } } }` });
    expect(codeOf(body)).toBe('platform.graphql-invalid');
  });

  it('limits aliases and the number of operations, also through fragments', async () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => `a${i}: booksEntryList { next }`).join(' ');
    expect(codeOf((await ask({ query: `{ ${many(graphqlLimits.operations + 1)} }` })).body)).toBe(
      'platform.graphql-too-many-operations',
    );
    const fields = Array.from({ length: graphqlLimits.aliases + 1 }, (_, i) => `a${i}: next`).join(' ');
    expect(codeOf((await ask({ query: `{ booksEntryList { ${fields} } }` })).body)).toBe(
      'platform.graphql-too-many-aliases',
    );
    const doubled = Array.from({ length: 25 }, (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`).join(
      ' ',
    );
    const bomb = await ask({ query: `{ ...f0 } ${doubled} fragment f25 on Query { booksEntryList { next } }` });
    expect(codeOf(bomb.body)).toBe('platform.graphql-too-many-operations');
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('limits the cost, counting the rows a page asks for', async () => {
    const wide = Array.from({ length: 20 }, (_, i) => `l${i}: lines { text }`).join(' ');
    const query = `query ($n: Int) { booksEntryList(input: { limit: $n }) { items { ${wide} } } }`;
    expect((await ask({ query, variables: { n: 20 } })).body.errors).toBeUndefined();
    expect(codeOf((await ask({ query, variables: { n: 200 } })).body)).toBe('platform.graphql-too-costly');
  });

  it('computes the cost with the default of a variable when none is given', async () => {
    const page = (i: number) => `a${i}: booksEntryList(input: { limit: $l }) { items { id date amount } }`;
    const twenty = Array.from({ length: 20 }, (_, i) => page(i)).join(' ');
    const query = (most: number) => `query ($l: Int = ${most}) { ${twenty} }`;
    expect((await ask({ query: query(200) })).body.errors).toBeUndefined();
    const four = twenty.replaceAll('{ id date amount }', '{ id date amount lines { text } }');
    expect(codeOf((await ask({ query: query(200).replace(twenty, four) })).body)).toBe('platform.graphql-too-costly');
    expect((await ask({ query: query(200).replace(twenty, four), variables: { l: 5 } })).body.errors).toBeUndefined();
    const whole = (most: number) =>
      `query ($i: BooksEntryListInput = { limit: ${most} }) { ${four.replaceAll('{ limit: $l }', '$i')} }`;
    expect(codeOf((await ask({ query: whole(200) })).body)).toBe('platform.graphql-too-costly');
    expect((await ask({ query: whole(5) })).body.errors).toBeUndefined();
    expect(codeOf((await ask({ query: whole(5), variables: { i: { limit: 200 } } })).body)).toBe(
      'platform.graphql-too-costly',
    );
    // Without a value the operation's default page size counts.
    expect((await ask({ query: whole(200), variables: { i: null } })).body.errors).toBeUndefined();
  });

  const many = (count: number, part: string | ((i: number) => string)) =>
    Array.from({ length: count }, (_, i) => (typeof part === 'string' ? part : part(i))).join(' ');

  it.each([
    ['2,400 times the same rows', `{ booksEntryList { ${many(2_400, 'items{id}')} } }`, 'too-large'],
    ['1,200 times the same rows', `{ booksEntryList { ${many(1_200, 'items{id}')} } }`, 'too-costly'],
    ['a field again and again', `{ booksEntryList { ${many(1_500, 'next')} } }`, 'too-large'],
    ['a field again in inline fragments', `{ booksEntryList { ${many(900, '...{next}')} } }`, 'too-large'],
    ['a fragment used again and again', `{ booksEntryList { ${many(190, '...f')} } } fragment f on BooksEntryListResult { ${many(30, 'next')} }`, 'too-large'], // prettier-ignore
    ['too many uses of fragments', `{ booksEntryList { ${many(201, '...f')} } } fragment f on BooksEntryListResult { next }`, 'too-large'], // prettier-ignore
    ['too many fragments', `{ booksEntryList { ${many(41, (i) => `...f${i}`)} } } ${many(41, (i) => `fragment f${i} on BooksEntryListResult { next }`)}`, 'too-large'], // prettier-ignore
    ['fragments that use each other', `{ booksEntryList { items { ...f0 } } } ${many(20, (i) => `fragment f${i} on Entry { id ...f${i + 1} ...f${i + 1} }`)} fragment f20 on Entry { id }`, 'too-costly'], // prettier-ignore
    ['unused fragments that use each other', `{ booksEntryList { next } } ${many(30, (i) => `fragment f${i} on Entry { ...f${i + 1} ...f${i + 1} }`)} fragment f30 on Entry { id }`, 'too-large'], // prettier-ignore
    ['directives', `{ booksEntryList { next ${many(101, '@skip(if: false)')} } }`, 'too-large'],
    ['variables', `query (${many(101, (i) => `$v${i}: Int`)}) { booksEntryList { next } }`, 'too-large'],
    ['operations in one text', many(11, (i) => `query q${i} { booksEntryList { next } }`), 'too-large'],
    ['a long name', `{ ${'a'.repeat(201)} }`, 'too-large'],
    ['a value nested deep', `{ booksEntryList(input: ${'['.repeat(4_000)}) }`, 'too-deep'],
    ['fields nested deep', '{a'.repeat(4_000), 'too-deep'],
    ['a type nested deep', `query ($a: ${'['.repeat(4_000)}) { booksEntryList { next } }`, 'too-deep'],
  ])('rejects %s before graphql-js validates the query', async (_, query, code) => {
    // No other errors: graphql-js did not run.
    const { body } = await ask({ query });
    expect(body.errors).toHaveLength(1);
    expect(codeOf(body)).toBe(`platform.graphql-${code}`);
    expect(dispatcher.calls).toHaveLength(0);
  });

  it('answers megabytes of invalid variables with a few short errors', async () => {
    const query = 'query ($i: BooksEntryListInput) { booksEntryList(input: $i) { next } }';
    const unknown = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 1]));
    const wrong = await ask({ query, variables: { i: { limit: 'x'.repeat(900_000), ...unknown } } });
    expect(codeOf(wrong.body)).toBe('platform.graphql-invalid');
    expect(wrong.body.errors).toHaveLength(graphqlLimits.errors);
    expect(JSON.stringify(wrong.body).length).toBeLessThan(10_000);
    const named = await ask({ query: '{ booksEntryList { next } }', operationName: 'x'.repeat(900_000) });
    expect(JSON.stringify(named.body).length).toBeLessThan(5_000);
    const amount = { date: '2026-01-01', amount: { deep: 'y'.repeat(900_000) } };
    const post = 'mutation ($i: BooksEntryPostInput!) { booksEntryPost(input: $i) { id } }';
    const text = JSON.stringify((await ask({ query: post, variables: { i: amount } })).body);
    expect(text).toContain('Amount is text');
    expect(text.length).toBeLessThan(2_000);
  });

  it.each([
    ['100,000 levels', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['150,000 values', `[${'1,'.repeat(150_000)}1]`],
  ])('rejects variables of %s', async (_, value) => {
    const query = JSON.stringify('query ($i: BooksEntryListInput) { booksEntryList(input: $i) { next } }');
    const { status, body } = await ask(`{"query":${query},"variables":{"i":${value}}}`);
    expect([status, codeOf(body)]).toEqual([400, 'platform.graphql-invalid']);
  });

  it('limits requests and kilobytes per network address, before the query is parsed', async () => {
    const from = (remoteAddress: string, payload: string, headers: Record<string, string> = {}) =>
      app().inject({
        method: 'POST',
        url: '/graphql',
        remoteAddress,
        payload,
        headers: { 'content-type': 'application/json', ...headers },
      });
    const large = JSON.stringify({ query: `{ nothing } # ${'x'.repeat(400_000)}` });
    const statuses = [];
    for (let i = 0; i < 10; i += 1) statuses.push((await from('203.0.113.7', large)).statusCode);
    expect(statuses.at(0)).toBe(200);
    // One more would be the eleventh of 400 kB out of 4,000.
    const refused = await from('203.0.113.7', 'not even JSON'.padEnd(400_000));
    expect([refused.statusCode, refused.headers['retry-after']]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect(codeOf(refused.json())).toBe('platform.too-many-requests');
    expect((await from('203.0.113.8', large)).statusCode).toBe(200);
    pass(60_000);
    expect((await from('203.0.113.7', large)).statusCode).toBe(200);
  });

  it('limits the length of the query', async () => {
    const { body } = await ask({ query: `{ booksEntryList { next } } # ${'x'.repeat(graphqlLimits.characters)}` });
    expect(codeOf(body)).toBe('platform.graphql-too-long');
  });
});
