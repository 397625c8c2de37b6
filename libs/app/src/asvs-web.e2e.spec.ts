import { existsSync, readFileSync } from 'node:fs';
import { getIntrospectionQuery } from 'graphql';
import { startApp, type TestApp } from '@daybook/testing/app';
import {
  anyAddress,
  apiWith,
  inject,
  json,
  type RawAnswer,
  type RawRequest,
  signInRaw,
} from '@daybook/testing/raw-requests';

/*
 * Items of OWASP ASVS 5.0 about browsers and the API as such: each title begins with the item. docs/asvs.md says which spec
 * proves which item; removing a control from the server makes the spec of its item fail.
 */
describe('OWASP ASVS 5.0', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  /** One answer of every kind: done, refused in all ways, documents, files. */
  const answers = async (headers: Record<string, string> = {}): Promise<[string, RawAnswer][]> => {
    const { token } = await app.client('Accountant');
    const signed = { authorization: `Bearer ${token}`, ...headers };
    const asked: RawRequest[] = [
      { method: 'GET', url: '/v1/identity/session', headers: signed },
      { method: 'GET', url: '/v1/accounting/companies', headers: { ...signed, accept: 'text/csv' } },
      { method: 'GET', url: '/v1/accounting/companies?limit=x', headers: signed },
      { method: 'GET', url: '/v1/identity/session', headers },
      { method: 'GET', url: '/nothing', headers },
      { method: 'PUT', url: '/v1/identity/session', headers },
      {
        method: 'POST',
        url: '/v1/identity/session',
        headers: { ...headers, 'content-type': 'text/plain' },
        payload: 'x',
      },
      { method: 'POST', url: '/v1/identity/session', headers: { ...headers, ...json }, payload: '{' },
      { method: 'POST', url: '/graphql', headers: { ...signed, ...json }, payload: '{"query":"{ __typename }"}' },
      { method: 'POST', url: '/graphql', headers: { ...signed, ...json }, payload: '{}' },
      { method: 'GET', url: '/graphql', headers },
      { method: 'GET', url: '/v1/%', headers },
      ...['/docs', '/docs/start.js', '/docs/swagger-ui.css', '/openapi.json', '/.well-known/jwks.json', '/health/live', '/health/ready'].map((url) => ({ method: 'GET', url, headers })), // prettier-ignore
    ];
    return Promise.all(
      asked.map(
        async (one) =>
          [`${one.method} ${one.url}`, await inject(app.app, { ...one, remoteAddress: anyAddress() })] as [
            string,
            RawAnswer,
          ],
      ),
    );
  };
  const everyAnswer = async (
    check: (headers: Record<string, unknown>, answer: RawAnswer) => unknown,
    expected: unknown,
  ) => {
    const all = await answers();
    // So that both kinds are looked at: what is answered, and what is refused in each way.
    const statuses = new Set(all.map(([, { statusCode }]) => statusCode));
    expect([...statuses].sort()).toEqual([200, 400, 401, 404, 405, 415]);
    expect(all.slice(0, 2).map(([, { statusCode }]) => statusCode)).toEqual([200, 200]);
    for (const [name, answer] of all) expect([name, check(answer.headers, answer)]).toEqual([name, expected]);
  };
  const policy = (headers: Record<string, unknown>) => String(headers['content-security-policy']);

  describe('V3 web frontend', () => {
    it('3.3.2 3.3.4 the refresh cookie is HttpOnly, SameSite=Strict and limited to the session routes, and the token is nowhere else', async () => {
      const answer = await signInRaw(app, app.account('Auditor'));
      expect(answer.statusCode).toBe(200);
      const cookies = [answer.headers['set-cookie']].flat().map(String);
      expect(cookies).toHaveLength(1);
      expect(cookies[0]).toMatch(/; Path=\/v1\/identity\/session(;|$)/);
      expect(cookies[0]).toMatch(/; HttpOnly(;|$)/);
      expect(cookies[0]).toMatch(/; SameSite=Strict(;|$)/);
      const value = String(/=([^;]+)/.exec(String(cookies[0]))?.[1]);
      expect(answer.payload).not.toContain(decodeURIComponent(value));
    });

    it('3.4.1 every response sets HSTS for a year, subdomains included', () =>
      everyAnswer(({ 'strict-transport-security': hsts }) => {
        const seconds = Number(/max-age=(\d+)/.exec(String(hsts))?.[1]);
        return seconds >= 31_536_000 && String(hsts).includes('includeSubDomains');
      }, true));

    it('3.4.2 no response allows another origin to read it (CORS)', async () => {
      for (const [name, { headers }] of await answers({ origin: 'https://evil.example' })) {
        expect([name, Object.keys(headers).filter((header) => header.startsWith('access-control-'))]).toEqual([
          name,
          [],
        ]);
      }
      const asks = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
      const preflight = await inject(app.app, { method: 'OPTIONS', url: '/v1/identity/session', headers: asks });
      expect([preflight.statusCode, preflight.headers['access-control-allow-origin']]).toEqual([405, undefined]);
    });

    it('3.4.3 every response has a policy that allows scripts from our own files only, and no plug-ins', () =>
      everyAnswer((headers) => {
        const text = policy(headers);
        const strict = [
          "default-src 'none'",
          "object-src 'none'",
          "script-src 'self'",
          "base-uri 'self'",
          "form-action 'self'",
        ];
        return strict.every((part) => text.includes(part)) && !/unsafe-|https?:|\*/.test(text);
      }, true));

    it('3.4.4 every response forbids content type sniffing', () =>
      everyAnswer((headers) => headers['x-content-type-options'], 'nosniff'));

    it('3.4.5 no referrer is sent to another site', () =>
      everyAnswer((headers) => headers['referrer-policy'], 'no-referrer'));

    it('3.4.6 no response may be framed', () =>
      everyAnswer((headers) => policy(headers).includes("frame-ancestors 'none'"), true));

    it('3.4.8 no window of another site can access a page', () =>
      everyAnswer((headers) => headers['cross-origin-opener-policy'], 'same-origin'));

    it('3.5.8 no page of another site can load a response as a resource', () =>
      everyAnswer((headers) => headers['cross-origin-resource-policy'], 'same-origin'));

    it('3.5.1 a page of another site cannot sign in, refresh or end a session, or change anything', async () => {
      const opened = await signInRaw(app, app.account('Auditor'));
      const cookie = String([opened.headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
      const from = (url: string, headers: Record<string, string>) =>
        inject(app.app, { method: 'POST', url, headers: { ...json, cookie, host: 'books.example', ...headers }, payload: '{}', remoteAddress: anyAddress() }); // prettier-ignore
      const foreign = [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site', origin: 'https://other.books.example' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'https://books.example.evil.example' },
        { 'sec-fetch-site': 'cross-site', origin: 'https://books.example' },
      ];
      for (const headers of foreign as Record<string, string>[]) {
        for (const url of [
          '/v1/identity/session',
          '/v1/identity/session/refresh',
          '/v1/identity/session/close',
          '/graphql',
          '/v1/files?name=x',
        ]) {
          const { statusCode, payload } = await from(url, headers);
          expect([url, headers, statusCode, JSON.parse(payload).code]).toEqual([
            url,
            headers,
            403,
            'platform.cross-site-request',
          ]);
        }
      }
      const { token } = await app.client('Accountant');
      const body = JSON.stringify({ name: 'Forged', currency: 'NOK' });
      const forged = await inject(app.app, { method: 'POST', url: '/v1/accounting/companies', payload: body, headers: { ...json, authorization: `Bearer ${token}`, 'sec-fetch-site': 'cross-site' } }); // prettier-ignore
      expect(forged.statusCode).toBe(403);
      // The cookie was not used up by them: its own page, and a program, still renew with it.
      const own = await from('/v1/identity/session/refresh', {
        'sec-fetch-site': 'same-origin',
        origin: 'http://books.example',
      });
      expect(own.statusCode).toBe(200);
    });

    it('3.5.2 no operation accepts what a form of another site can send', async () => {
      const types = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'text/plain'];
      const { token } = await app.client('Admin');
      const commands = app.api.bindings.operations.filter(({ kind }) => kind === 'command');
      for (const { http, name } of commands) {
        const [method = '', path = ''] = http.replaceAll(/\{\w+\}/g, 'x').split(' ');
        for (const type of types) {
          const answer = await inject(app.app, { method, url: path, headers: { 'content-type': type, authorization: `Bearer ${token}` }, payload: 'a=b', remoteAddress: anyAddress() }); // prettier-ignore
          expect([name, type, answer.statusCode]).toEqual([name, type, 415]);
        }
      }
    });

    it('3.5.3 GET and HEAD change nothing', async () => {
      for (const { http, kind } of app.api.bindings.operations) {
        if (kind === 'command') expect(http).toMatch(/^(POST|PUT|PATCH|DELETE) /);
      }
      const mutation = encodeURIComponent('mutation { identitySessionClose { closed } }');
      for (const method of ['GET', 'HEAD']) {
        expect((await inject(app.app, { method, url: `/graphql?query=${mutation}` })).statusCode).toBe(405);
      }
    });
  });

  describe('V4 API', () => {
    it('4.1.1 every response names its content type, and the charset of text', () =>
      everyAnswer(({ 'content-type': type }, { payload }) => {
        if (!/^(text\/|application\/)(html|csv|css|javascript|json|problem\+json)/.test(String(type))) return type;
        const isJson = String(type).includes('json');
        if (isJson) JSON.parse(payload);
        return /charset=utf-8/i.test(String(type)) ? 'utf-8' : type;
      }, 'utf-8'));

    it('4.1.3 proxy headers are trusted from a proxy on this machine only', async () => {
      const says = { ...json, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' };
      const { email, password } = app.account('Auditor');
      const payload = JSON.stringify({ email, password });
      const cookieOf = (answer: RawAnswer) => String([answer.headers['set-cookie']].flat()[0]);
      const asked = { method: 'POST', url: '/v1/identity/session', headers: says, payload };
      expect(cookieOf(await inject(app.app, { ...asked, remoteAddress: '127.0.0.1' }))).toContain('Secure');
      expect(cookieOf(await inject(app.app, { ...asked, remoteAddress: '198.51.100.251' }))).not.toContain('Secure');
      // Strangers cannot evade the limit of their address by claiming others.
      const statuses = new Set<number>();
      await app.clock.freeze(async () => {
        for (let i = 0; i < 80; i++) {
          const headers = { 'x-forwarded-for': `203.0.113.${i}` };
          statuses.add((await inject(app.app, { method: 'GET', url: '/v1/identity/session', headers, remoteAddress: '198.51.100.252' })).statusCode); // prettier-ignore
        }
      });
      expect([...statuses].sort()).toEqual([401, 429]);
    });

    it('4.1.4 an unsupported method is refused with the supported ones', async () => {
      const paths = new Map<string, Set<string>>();
      for (const { http } of app.api.bindings.operations) {
        const [method = '', path = ''] = http.replaceAll(/\{\w+\}/g, 'x').split(' ');
        paths.set(path, (paths.get(path) ?? new Set()).add(method));
      }
      for (const [url, known] of paths) {
        for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
          // An address that is also another operation's, with a field in its place, is that one's.
          const other = [...paths].some(([path, methods]) => methods.has(method) && new RegExp(`^${path.replaceAll('/x', '/[^/]+')}$`).test(url)); // prettier-ignore
          if (known.has(method) || other) continue;
          const answer = await inject(app.app, { method, url, remoteAddress: anyAddress() });
          expect([method, url, answer.statusCode]).toEqual([method, url, 405]);
          for (const one of known) expect(String(answer.headers['allow'])).toContain(one);
        }
      }
    });

    it('4.3.1 a GraphQL query that is too wide or too costly is refused', async () => {
      const { token } = await app.client('Admin');
      const ask = async (query: string) => {
        const answer = await inject(app.app, { method: 'POST', url: '/graphql', headers: { ...json, authorization: `Bearer ${token}` }, payload: JSON.stringify({ query }) }); // prettier-ignore
        return String((JSON.parse(answer.payload) as { errors?: { extensions: { problem: { code: string } } }[] }).errors?.[0]?.extensions.problem.code); // prettier-ignore
      };
      const fields = (count: number) =>
        Array.from({ length: count }, (_, i) => `a${i}: identitySessionRead { role }`).join(' ');
      expect(await ask(`{ ${fields(21)} }`)).toBe('platform.graphql-too-many-operations');
      expect(await ask(`{ identitySessionRead { ${Array.from({ length: 40 }, (_, i) => `a${i}: role`).join(' ')} } }`)).toBe('platform.graphql-too-many-aliases'); // prettier-ignore
      const rows = (count: number) => `{ ${Array.from({ length: count }, (_, i) => `a${i}: auditEventList(input: {limit: 200}) { items { key position type says actor { id name } } }`).join(' ')} }`; // prettier-ignore
      expect(await ask(rows(1))).toBe('undefined');
      expect(await ask(rows(19))).toBe('platform.graphql-too-costly');
    });

    it('4.3.2 GraphQL does not reveal its schema in production', async () => {
      const production = await apiWith(app, { environment: 'production' });
      const payload = JSON.stringify({ query: getIntrospectionQuery() });
      const here = await inject(production, {
        method: 'POST',
        url: '/graphql',
        headers: json,
        payload,
        remoteAddress: anyAddress(),
      });
      expect(JSON.parse(here.payload).data).toBeNull();
      expect(here.payload).toContain('introspection');
      const named = JSON.stringify({ query: '{ __type(name: "Query") { fields { name } } }' });
      const type = await inject(production, {
        method: 'POST',
        url: '/graphql',
        headers: json,
        payload: named,
        remoteAddress: anyAddress(),
      });
      expect(JSON.parse(type.payload).data).toBeNull();
      const asked = await inject(production, { method: 'POST', url: '/graphql', headers: json, payload: '{"query":"{ __typename }"}', remoteAddress: anyAddress() }); // prettier-ignore
      expect(JSON.parse(asked.payload).data).toEqual({ __typename: 'Query' });
      await production.close();
    });

    /** What production, and what we here, say to a query that names something there is not. */
    const mistyped = async (payload: string): Promise<{ production: RawAnswer; here: RawAnswer }> => {
      const production = await apiWith(app, { environment: 'production' });
      const asked = { method: 'POST', url: '/graphql', headers: json, payload, remoteAddress: anyAddress() };
      const answers = { production: await inject(production, asked), here: await inject(app.app, asked) };
      await production.close();
      return answers;
    };

    it('4.3.2 GraphQL suggests no names for a misspelt one', async () => {
      const { production, here } = await mistyped('{"query":"{ identitySessionRea { role } }"}');
      expect(here.payload).toContain('identitySessionRead');
      expect(production.payload).not.toContain('identitySessionRead');
      expect(JSON.parse(production.payload).errors).toMatchObject([
        { message: 'Cannot query field "identitySessionRea".' },
      ]);
    });

    const body = '../shared/data/cases/27-graphql-suggestions/body.json';
    // Skipped where the cases of users, which are kept outside the project, are not there.
    (existsSync(body) ? it : it.skip)('reveals no name for the query that somebody reported', async () => {
      const { production, here } = await mistyped(readFileSync(body, 'utf8'));
      expect(here.payload).toContain('accountingCompanyList');
      expect(production.payload).not.toContain('accountingCompanyList');
      expect(JSON.parse(production.payload).errors).toMatchObject([
        { message: 'Cannot query field "accountingCompanyLis".' },
      ]);
    });
  });
});
