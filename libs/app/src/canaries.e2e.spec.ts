import { acceptInvitation, sendInvitation } from '@daybook/identity';
import { Mailbox } from '@daybook/identity/testing/mailbox';
import { camelName, type Operation } from '@daybook/kernel';
import request from 'supertest';
import { startApp, type TestApp, type TestClient, testTenants } from '@daybook/testing/app';
import { findInDatabase, findInLog, containsAny } from '@daybook/testing/find-anywhere';

/*
 * Plants secrets and personal data through valid and invalid requests, then searches where they must never appear: in the
 * logs of both processes, error responses, metrics, the OpenAPI document and mailed URLs. Where a valid request stores a
 * value, it is sealed, hashed, or meant to be read: those places are not searched.
 */
const run = Math.random().toString(36).slice(2, 10);
const canary = (kind: string): string => `canary${kind}${run}`;
const canaries = {
  password: `${canary('password')} is long`,
  wrongPassword: canary('wrong'),
  name: canary('name'),
  email: `${canary('mail')}@example.org`,
  otherEmail: `${canary('other')}@example.org`,
  token: canary('token'),
  key: `dbk_${canary('key')}`,
  code: canary('code'),
  body: canary('body'),
  query: canary('query'),
  header: canary('header'),
  path: canary('path'),
};
const all = ['canary'];

const pathOf = (operation: { http: string }, value: string): string =>
  String(operation.http.split(' ')[1]).replaceAll(/\{\w+\}/g, encodeURIComponent(value));
const verbOf = ({ http }: Operation) => String(http.split(' ')[0]).toLowerCase() as 'get' | 'post' | 'put' | 'delete';

describe('secrets and personal data', () => {
  let app: TestApp;
  let admin: TestClient;
  /** Answers that said no, with what asked for them. */
  const refused: { asked: string; status: number; text: string }[] = [];
  /** Secrets that a good request answered: never seen again. */
  const given: string[] = [];

  const note = (asked: string, { status, text, headers }: request.Response): void => {
    if (status >= 400) refused.push({ asked, status, text: `${text} ${JSON.stringify(headers)}` });
  };
  /** Of the letter with that subject, among all that were sent to the address. */
  const tokenOf = async (address: string, subject: string): Promise<string> => {
    for (let number = 1; ; number++) {
      const letter = await new Mailbox(app.config.mail).letter(address, number);
      if (letter.subject === subject) return letter.token;
    }
  };
  const operations = () => app.api.bindings.operations;

  beforeAll(async () => {
    app = await startApp({ env: { DAYBOOK_LOG_LEVEL: 'trace' } });
    admin = await app.client('Admin');
  }, 120_000);
  afterAll(() => app.close());

  it('are planted by valid requests: an invitation, a sign-in, second factors, keys, e-mail links', async () => {
    await admin.execute(sendInvitation, { email: canaries.email, role: 'Accountant' });
    const { token } = await new Mailbox(app.config.mail).letter(canaries.email);
    given.push(token);
    const { password, name, email } = canaries;
    await app.anonymous.post(pathOf(acceptInvitation, '')).send({ token, name, password }).expect(200);
    const opened = await app.anonymous.post('/v1/identity/session').send({ email, password }).expect(200);
    given.push(opened.body.accessToken, /daybook_refresh=([^;]+)/.exec(String(opened.get('Set-Cookie')))![1]!);
    const as = (test: request.Test) => test.set('authorization', `Bearer ${opened.body.accessToken}`);
    const totp = await as(app.anonymous.post('/v1/identity/own/totp')).send({}).expect(200);
    given.push(totp.body.secret);
    const until = new Date(Date.now() + 86_400_000).toISOString();
    const key = await as(app.anonymous.post('/v1/identity/own/api-keys')).send({
      name: 'k',
      scopes: ['accounting.*.read'],
      until,
    });
    expect(key.status).toBe(200);
    given.push(key.body.secret);
    await app.anonymous.get('/v1/identity/session').set('authorization', `Bearer ${key.body.secret}`);
    await as(app.anonymous.post('/v1/identity/own/email')).send({ email: canaries.otherEmail }).expect(200);
    await app.anonymous.post('/v1/identity/password/reset').send({ email }).expect(200);
    given.push(await tokenOf(email, 'Set a new password'));
    await app.settle();
    expect(given.every((secret) => secret.length >= 16)).toBe(true);
  });

  it('are planted by nearly valid requests: a wrong password, a wrong code, a used link, an unknown route', async () => {
    const { email, wrongPassword, code, token, path, query } = canaries;
    const tries = [
      ['/v1/identity/session', { email, password: wrongPassword }],
      ['/v1/identity/session', { email: canaries.name, password: wrongPassword }],
      ['/v1/identity/session/complete', { ticket: token, code }],
      ['/v1/identity/session/mfa', { ticket: token, code }],
      ['/v1/identity/invitations/preview', { token: given[0] }],
      ['/v1/identity/invitations/acceptance', { token, name: canaries.name, password: wrongPassword }],
      ['/v1/identity/password/reset/finish', { token, password: wrongPassword }],
      ['/v1/identity/email', { token }],
      [`/v1/${path}/nowhere?${query}`, { [canaries.name]: 1 }],
      [`/${path}`, { [canaries.name]: 1 }],
    ] as const;
    for (const [address, body] of tries) note(address, await app.anonymous.post(address).send(body));
    note('get', await app.anonymous.get(`/v1/${path}?password=${query}`));
    const own = [
      ['/v1/identity/session/password', { current: wrongPassword, next: canaries.password }],
      ['/v1/identity/session/confirm', { password: wrongPassword }],
      ['/v1/identity/own/totp/confirmation', { code }],
    ] as const;
    for (const [address, body] of own) note(address, await admin.post(address, body));
    expect(refused.filter(({ status }) => status >= 400).length).toBeGreaterThan(10);
  });

  it('are planted by invalid requests to every operation, in path, query, body and headers', async () => {
    for (const operation of operations()) {
      const text = Object.fromEntries(Object.keys(operation.input.shape).map((field) => [field, canaries.body]));
      const verb = verbOf(operation);
      // Wrong tokens are paused after some tries, whatever they ask for.
      const tokens = refused.length < 60 ? [admin.token, canaries.token, canaries.key] : [admin.token];
      for (const token of tokens) {
        const test = request(app.app.getHttpServer())
          [verb](pathOf(operation, canaries.path))
          .query({ token: canaries.query, ...(verb === 'get' ? text : {}) })
          .set('authorization', `Bearer ${token}`)
          .set('cookie', `daybook_refresh=${canaries.token}`)
          .set('if-match', canaries.header)
          .set('idempotency-key', canaries.header)
          .set('user-agent', canaries.header);
        note(operation.name, await (verb === 'get' ? test : test.send(text)));
      }
      const broken = request(app.app.getHttpServer())
        [verb](pathOf(operation, canaries.path))
        .set('authorization', `Bearer ${admin.token}`)
        .set('content-type', 'application/json');
      if (verb !== 'get') note(operation.name, await broken.send(`{"password": "${canaries.body}", ]`));
    }
    expect(refused.length).toBeGreaterThan(operations().length);
  }, 120_000);

  it('are planted through GraphQL, in variables, documents and unknown names', async () => {
    for (const operation of operations().filter(({ kind }) => kind === 'command')) {
      const field = camelName(operation.name);
      const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
      const input = Object.fromEntries(Object.keys(operation.input.shape).map((name) => [name, canaries.body]));
      const selected = `mutation ($input: ${type}!) { ${field}(input: $input) { __typename } }`;
      for (const variables of [{ input }, { input: canaries.body }, { input: { password: { deep: canaries.body } } }]) {
        const answer = await admin.graphql(selected, variables);
        if (answer.body.errors) refused.push({ asked: `GraphQL ${field}`, status: 400, text: answer.text });
      }
    }
    const documents = [
      `mutation { identitySessionOpen(input: { email: "${canaries.email}", password: 12 }) { __typename } }`,
      `mutation { identitySessionOpen(input: "${canaries.body}") { __typename } }`,
      `{ identityMemberList(input: { limit: "${canaries.body}" }) { items { personId } } }`,
      `{ identitySessionRead { "${canaries.body}" } }`,
      `{ identityMemberList(input: { status: ${canaries.body} }) { items { personId } } }`,
    ];
    for (const document of documents) {
      const answer = await admin.graphql(document);
      refused.push({ asked: `GraphQL ${document.slice(0, 40)}`, status: 400, text: answer.text });
    }
  }, 120_000);

  it('appear in no log line, even at the most verbose level', () => {
    expect(app.log.length).toBeGreaterThan(100);
    expect(findInLog(app, all)).toEqual([]);
    expect(findInLog(app, given)).toEqual([]);
  });

  it('leave the tenant in every log line about a signed-in request', () => {
    const lines = app.log.map((line) => JSON.parse(line) as { msg: string; status: number; tenant: string | null });
    const answered = lines.filter(({ msg, tenant }) => msg === 'request' && tenant !== null);
    expect(answered.length).toBeGreaterThan(100);
    expect(new Set(answered.map(({ tenant }) => tenant))).toEqual(new Set([testTenants.north]));
    const forbidden = lines.filter(({ msg, status }) => msg === 'request' && status === 403);
    expect(forbidden.filter(({ tenant }) => tenant === null)).toEqual([]);
  });

  it('appear in no error response', () => {
    const told = refused.filter(({ text }) => containsAny(text, [...all, ...given]));
    expect(told.slice(0, 5).map(({ asked, status, text }) => `${asked} ${status} ${text.slice(0, 600)}`)).toEqual([]);
    expect(told.length).toBe(0);
  });

  it('appear neither in the metrics nor in the API documents', async () => {
    for (const path of ['/metrics', '/health/ready', '/openapi.json', '/.well-known/jwks.json']) {
      const { text, status } = await app.anonymous.get(path);
      expect([path, status, containsAny(text, [...all, ...given])]).toEqual([path, 200, false]);
    }
  });

  it('appear in no mailed URL: the token is in the fragment, and there are no names', async () => {
    const letters = await new Mailbox(app.config.mail).all();
    expect(letters.length).toBeGreaterThanOrEqual(3);
    for (const { text, subject } of letters) {
      expect(containsAny(`${subject} ${text}`, all)).toBe(false);
      for (const [address] of text.matchAll(/https?:\/\/\S+/g)) {
        const { search, pathname, hash } = new URL(address);
        expect([pathname, search]).toEqual([pathname, '']);
        expect(hash).toMatch(/^(#token=[\w-]+)?$/);
      }
    }
  });

  it('appear in the database only where people read them', async () => {
    expect(await findInDatabase(app, given)).toEqual([]);
    // What fills a field of a command that is carried out stands where the command puts it.
    const { name, email, otherEmail, ...secrets } = canaries;
    const { body: _, ...neverKept } = secrets;
    expect(await findInDatabase(app, Object.values(neverKept))).toEqual([]);
    const places = await findInDatabase(app, [name, email, otherEmail]);
    expect(places.filter((place) => !/^rm_(people|invitations)_/.test(place))).toEqual([]);
    expect(places.some((place) => place.startsWith('rm_people_'))).toBe(true);
  });
});
