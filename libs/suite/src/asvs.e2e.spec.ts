import { jest } from '@jest/globals';
import { createCompany } from '@daybook/accounting';
import { createLogger } from '@daybook/server/health/logger';
import { start } from '@daybook/server/run';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startApp, type TestApp } from './testing/app.js';
import { anyAddress, apiWith, inject, json, signInRaw } from './testing/raw.js';

/*
 * Items of OWASP ASVS 5.0 about authentication, tokens, logs and errors that no other spec proves: each title begins with
 * the item. docs/asvs.md says which spec proves which item.
 */
describe('OWASP ASVS 5.0', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp();
  });
  afterAll(() => app.close());

  describe('V6 authentication', () => {
    it('6.2.8 6.2.9 a password of 128 characters counts to its last one, with its case and its spaces', async () => {
      const { email, password: current } = app.account('Staff');
      const next = `  Ünï ${'x'.repeat(120)} Z`;
      expect([...next]).toHaveLength(128);
      const client = await app.client('Staff');
      await client.post('/v1/identity/session/password', { current, next }).expect(200);
      const tried = async (password: string) => (await signInRaw(app, { email, password })).statusCode;
      expect(await tried(next)).toBe(200);
      for (const wrong of [
        next.toLowerCase(),
        next.trim(),
        next.slice(0, -1),
        `${next.slice(0, -1)}z`,
        next.slice(0, 72),
      ]) {
        expect([wrong, await tried(wrong)]).toEqual([wrong, 401]);
      }
    });
  });

  describe('V9 self-contained tokens', () => {
    it('9.1.3 a token that brings its own key, or says where there is one, is refused', async () => {
      const { token } = await app.client('Auditor');
      const header = decodeProtectedHeader(token);
      const claims = decodeJwt(token);
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
      const jwk = { ...(await exportJWK(publicKey)), kid: String(header.kid) };
      const told: object[] = [
        {},
        { jwk },
        { jku: 'https://evil.example/jwks.json' },
        { x5u: 'https://evil.example/x' },
        { x5c: ['AA=='] },
      ];
      for (const extra of told) {
        for (const kid of [header.kid, 'another', '../../dev/null', "' or 1=1 --"]) {
          const forged = await new SignJWT(claims)
            .setProtectedHeader({ ...header, ...extra, kid, alg: 'ES256' } as never)
            .sign(privateKey);
          const { status } = await app.anonymous.get('/v1/identity/session').set('authorization', `Bearer ${forged}`);
          expect([Object.keys(extra), kid, status < 500 && [401, 429].includes(status)]).toEqual([
            Object.keys(extra),
            kid,
            true,
          ]);
        }
      }
    });
  });

  describe('V16 logging and errors', () => {
    const linesWith = (text: string) => app.log.filter((line) => line.includes(text));

    it('16.3.2 who was refused for want of rights stands in the log: by id, with the operation, without a name', async () => {
      const auditor = await app.client('Auditor');
      const { body } = await auditor.get('/v1/identity/session').expect(200);
      const { person, tenant } = body as { person: { id: string; name: string }; tenant: { id: string } };
      const answer = await auditor.execute(createCompany, { name: 'No', currency: 'NOK' }, { status: 403 });
      const { traceId } = answer as unknown as { traceId: string };
      const [line] = linesWith(traceId).filter((one) => one.includes('"refused"'));
      expect(JSON.parse(String(line))).toMatchObject({ level: 'warn', operation: 'accounting.company.create', status: 403, actor: person.id, tenant: tenant.id }); // prettier-ignore
      expect(line).not.toContain(person.name);
      await app.anonymous.get('/v1/accounting/companies').expect(401);
      expect(
        linesWith('"refused"').some((one) => one.includes('"accounting.company.list"') && one.includes('401')),
      ).toBe(true);
    });

    it('16.4.1 what a caller sends cannot make a line of its own in the log', async () => {
      const forged = '\r\n{"level":"fatal","msg":"forged"}\n';
      const before = app.log.length;
      const headers = {
        'user-agent': forged,
        traceparent: `00-${forged}`,
        'x-daybook-reason': encodeURIComponent(forged),
      };
      await inject(app.app, { method: 'GET', url: `/v1/accounting/companies/${encodeURIComponent(forged)}/accounts?x=${encodeURIComponent(forged)}`, headers, remoteAddress: anyAddress() }); // prettier-ignore
      await inject(app.app, { method: 'POST', url: '/v1/identity/session', headers: { ...json, ...headers }, payload: JSON.stringify({ email: forged, password: forged }), remoteAddress: anyAddress() }); // prettier-ignore
      const lines = app.log
        .slice(before)
        .join('')
        .split('\n')
        .filter((line) => line !== '');
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) expect(JSON.parse(line)).not.toMatchObject({ msg: 'forged' });
    });

    it('16.5.1 16.5.3 where rights cannot be looked up nothing is answered and nothing done, and nothing is told but a trace id', async () => {
      const { authenticator } = app.runtime;
      const secret = 'select secret from identity.credentials at /srv/daybook/dist/x.js:1:1';
      const broken = await apiWith(
        app,
        {},
        { ...authenticator, authenticate: () => Promise.reject(new Error(secret)) },
      );
      const { token } = await app.client('Accountant');
      const before = await app.base.store.head();
      const headers = { ...json, authorization: `Bearer ${token}` };
      const body = JSON.stringify({ name: 'Unseen', currency: 'NOK' });
      for (const asked of [
        { method: 'GET', url: '/v1/accounting/companies', headers },
        { method: 'POST', url: '/v1/accounting/companies', headers, payload: body },
        { method: 'GET', url: '/v1/live', headers },
        {
          method: 'POST',
          url: '/v1/files?name=x',
          headers: { ...headers, 'content-type': 'application/octet-stream' },
          payload: 'x',
        },
      ]) {
        const answer = await inject(broken, asked);
        expect([asked.url, answer.statusCode, JSON.parse(answer.payload)]).toEqual([
          asked.url,
          500,
          { type: 'urn:daybook:problem:platform.unexpected', title: 'Unexpected', status: 500, code: 'platform.unexpected', detail: expect.any(String), traceId: expect.any(String), details: {} },
        ]); // prettier-ignore
        expect(answer.payload).not.toContain('select');
      }
      expect(await app.base.store.head()).toBe(before);
      await broken.close();
      // The details are for us, and the process goes on.
      expect(linesWith('select secret').length).toBeGreaterThan(0);
      await app.anonymous.get('/health/live').expect(200);
    });

    it('16.5.4 what nobody caught ends in the log, and ends the process in order', () => {
      const lines: string[] = [];
      const logger = createLogger('info', 'test', { write: (line) => void lines.push(line) });
      const known = new Set(process.listeners('uncaughtException'));
      const exit = jest.spyOn(process, 'exit').mockImplementation((() => undefined) as never);
      try {
        start(() => Promise.resolve(), logger);
        const added = process.listeners('uncaughtException').filter((one) => !known.has(one));
        expect(added).toHaveLength(1);
        added[0]?.(new Error('nobody caught this'), 'uncaughtException');
        expect(JSON.parse(String(lines[0]))).toMatchObject({ level: 'fatal', err: { message: 'nobody caught this' } });
        expect(exit).toHaveBeenCalledWith(1);
        for (const one of added) process.removeListener('uncaughtException', one);
      } finally {
        exit.mockRestore();
      }
    });
  });
});
