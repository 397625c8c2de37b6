import { mock } from 'node:test';
import { createCompany } from '@daybook/accounting';
import { SigningKeys } from '@daybook/identity/session/signing-keys';
import { maxAttemptsPerAddress, LoginThrottle, throttleKeyOf } from '@daybook/identity/session/login-throttle';
import { createLogger } from '@daybook/server/health/logger';
import { start } from '@daybook/server/run';
import { decodeJwt, decodeProtectedHeader, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { Authenticator } from '@daybook/server';
import { startApp, type TestApp } from '@daybook/testing/app';
import { anyAddress, apiWith, inject, json, signInRaw } from '@daybook/testing/raw-requests';

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
    it('6.2.8 6.2.9 a password of 128 characters is verified to the last one, with case and spaces', async () => {
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

    it('6.3.1 guessing at many accounts from one address pauses that address', async () => {
      const [address, { email, password }] = ['203.0.113.61', app.account('Vendor')];
      const from = (remoteAddress: string) =>
        inject(app.app, { method: 'POST', url: '/v1/identity/session', headers: json, payload: JSON.stringify({ email, password }), remoteAddress }); // prettier-ignore
      expect((await from(address)).statusCode).toBe(200);
      const throttle = new LoginThrottle({ em: app.api.em });
      const ofAddress = throttleKeyOf(app.config.secret, 'address', address);
      for (let tried = 0; tried < maxAttemptsPerAddress; tried++) await throttle.take([ofAddress]);
      const paused = await from(address);
      expect([paused.statusCode, JSON.parse(paused.payload).code]).toEqual([429, 'identity.too-many-attempts']);
      expect((await from('203.0.113.62')).statusCode).toBe(200);
    });
  });

  describe('V7 sessions', () => {
    /** How people sign in, and who may do what: written by hand, so that an operation that loses the mark is seen. */
    const proved = `
  approvals.request.approve approvals.rule.remove approvals.rule.set identity.sod-rule.remove identity.sod-rule.set
  identity.grant.give identity.grant.revoke identity.invitation.erase identity.invitation.send identity.api-key.issue
  identity.member.deactivate identity.member.reactivate identity.member.sign-out identity.own-data.read
  identity.own-email.change identity.own-api-key.issue identity.own-passkey.options identity.own-passkey.remove
  identity.own-sso-account.link identity.own-sso-account.unlink identity.own-recovery-codes.generate identity.own-session.end
  identity.own-session.end-others identity.own-totp.add identity.own-totp.remove identity.person.erase
  identity.person.export identity.policy.set identity.sso-provider.remove identity.sso-provider.set identity.retention.lift
  identity.retention.set identity.review.close identity.review.decide identity.review.start identity.role.change
  identity.role.define identity.role.remove identity.service.create identity.service.deactivate
  identity.delegated-access.allow identity.delegated-access.enter identity.tenant.create identity.tenant.rename
`;
    it('7.5.1 7.5.2 7.5.3 changing how to sign in, changing rights and ending a session need a recent sign-in', () => {
      const sensitive = app.api.bindings.operations.flatMap((one) => (one.sensitive ? [one.name] : []));
      expect(sensitive.sort()).toEqual(proved.trim().split(/\s+/).sort());
    });
  });

  describe('V9 self-contained tokens', () => {
    const statusOf = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await inject(app.app, { method: 'GET', url: '/v1/identity/session', headers, remoteAddress: anyAddress() })).statusCode; // prettier-ignore
    };

    it('9.1.2 a token signed with our published key as a shared secret is refused', async () => {
      const { token } = await app.client('Auditor');
      const { keys } = (await app.anonymous.get('/.well-known/jwks.json')).body as { keys: { kid: string }[] };
      const header = decodeProtectedHeader(token);
      const jwk = keys.find(({ kid }) => kid === header.kid) ?? {};
      const published = await importJWK(jwk, 'ES256');
      if (published instanceof Uint8Array) throw new Error('A shared secret is published.');
      const pem = await exportSPKI(published);
      for (const secret of [pem.trim(), `${pem.trim()}\n`, JSON.stringify(jwk)]) {
        for (const alg of ['HS256', 'HS384', 'HS512']) {
          const forged = new SignJWT(decodeJwt(token)).setProtectedHeader({ ...header, alg });
          const status = await statusOf(await forged.sign(new TextEncoder().encode(secret)));
          expect([alg, secret.slice(0, 20), status]).toEqual([alg, secret.slice(0, 20), 401]);
        }
      }
      expect(await statusOf(token)).toBe(200);
    });

    it('9.2.1 a token is valid between the times that it states', async () => {
      const claims = decodeJwt((await app.client('Auditor')).token);
      const { kid, privateKey } = await new SigningKeys({ em: app.api.em, secret: app.config.secret }).active();
      const now = Math.floor(Date.now() / 1000);
      const signed = (span: object) =>
        new SignJWT({ ...claims, ...span }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey);
      expect(await statusOf(await signed({ nbf: now - 60, exp: now + 60 }))).toBe(200);
      expect(await statusOf(await signed({ nbf: now + 60, exp: now + 120 }))).toBe(401);
      expect(await statusOf(await signed({ nbf: now - 120, exp: now - 60 }))).toBe(401);
      expect(await statusOf(await signed({ exp: now - 1 }))).toBe(401);
    });

    it('9.1.3 a token that brings its own key, or says where to get it, is refused', async () => {
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
            .setProtectedHeader({ ...header, ...extra, kid, alg: 'ES256' })
            .sign(privateKey);
          expect([Object.keys(extra), kid, await statusOf(forged)]).toEqual([Object.keys(extra), kid, 401]);
        }
      }
    });
  });

  describe('V16 logging and errors', () => {
    const linesWith = (text: string) => app.log.filter((line) => line.includes(text));
    const asJson = (line: string): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        return `no JSON: ${line}`;
      }
    };

    it('16.3.2 a missing permission is logged with the operation and the id of the caller, without a name', async () => {
      const auditor = await app.client('Auditor');
      const { body } = await auditor.get('/v1/identity/session').expect(200);
      const { person, tenant } = body as { person: { id: string; name: string }; tenant: { id: string } };
      const answer = await auditor.execute(createCompany, { name: 'No', currency: 'NOK' }, { status: 403 });
      const { traceId } = answer as unknown as { traceId: string };
      const [line] = linesWith(traceId).filter((one) => one.includes('"refused"'));
      expect(line).toBeDefined();
      expect(JSON.parse(String(line))).toMatchObject({ level: 'warn', operation: 'accounting.company.create', status: 403, actor: person.id, tenant: tenant.id }); // prettier-ignore
      expect(line).not.toContain(person.name);
      await app.anonymous.get('/v1/accounting/companies').expect(401);
      expect(
        linesWith('"refused"').some((one) => one.includes('"accounting.company.list"') && one.includes('401')),
      ).toBe(true);
    });

    it('16.3.1 every authentication attempt is logged with its method', async () => {
      const { email, password } = app.account('Auditor');
      const client = await app.client('Auditor');
      const before = app.log.length;
      await signInRaw(app, { email, password: 'not the password' });
      await signInRaw(app, { email, password });
      await app.anonymous.post('/v1/identity/session/passkey').send({ ticket: 'none', response: {} }).expect(401);
      await client.post('/v1/identity/session/confirm', { password: 'not the password' }).expect(409);
      await client.post('/v1/identity/session/confirm', { password }).expect(200);
      const lines = app.log.slice(before).map((line) => JSON.parse(line) as Record<string, unknown>);
      const told = lines.filter(({ msg }) => msg === 'authentication');
      expect(told.map(({ outcome, methods }) => [outcome, methods])).toEqual([
        ['failed', ['password']],
        ['signed-in', ['password']],
        ['failed', ['passkey']],
        ['failed', ['confirmation']],
        ['confirmed', ['password']],
      ]);
      for (const line of told) expect(line).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    });

    it('16.4.1 callers cannot inject lines into the log', async () => {
      const forged = '\r\n{"level":"fatal","msg":"forged"}\n';
      const [before, written] = [app.log.length, [] as string[]];
      const headers = {
        'user-agent': forged,
        traceparent: `00-${forged}`,
        'x-daybook-reason': encodeURIComponent(forged),
      };
      await inject(app.app, { method: 'GET', url: `/v1/accounting/companies/${encodeURIComponent(forged)}/accounts?x=${encodeURIComponent(forged)}`, headers, remoteAddress: anyAddress() }); // prettier-ignore
      await inject(app.app, { method: 'POST', url: '/v1/identity/session', headers: { ...json, ...headers }, payload: JSON.stringify({ email: forged, password: forged }), remoteAddress: anyAddress() }); // prettier-ignore
      const logger = createLogger('info', 'test', { write: (line) => void written.push(line) });
      logger.warn({ err: new Error(forged), [forged]: forged, nested: { text: forged } }, forged);
      const lines = [...app.log.slice(before), ...written].join('').split('\n').slice(0, -1);
      expect(written.join('').split('\n')).toHaveLength(2);
      expect(lines.length).toBeGreaterThan(2);
      for (const line of lines) expect(asJson(line)).toMatchObject({ level: expect.stringMatching(/^(info|warn)$/) });
    });

    it('16.5.1 16.5.3 requests fail closed when rights cannot be looked up, and reveal nothing but a trace id', async () => {
      const secret = 'select secret from identity.credentials at /srv/daybook/dist/x.js:1:1';
      const broken = await apiWith(app, {});
      broken.get(Authenticator).authenticate = () => Promise.reject(new Error(secret));
      const { token } = await app.client('Accountant');
      const before = await app.projector.store.head();
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
      expect(await app.projector.store.head()).toBe(before);
      await broken.close();
      // The details are for us, and the process goes on.
      expect(linesWith('select secret').length).toBeGreaterThan(0);
      await app.anonymous.get('/health/live').expect(200);
    });

    it('16.5.4 an uncaught error is logged and shuts the process down cleanly', async () => {
      const lines: string[] = [];
      const logger = createLogger('info', 'test', { write: (line) => void lines.push(line) });
      const known = new Set(process.listeners('uncaughtException'));
      // The last lines are written first.
      const { promise: exited, resolve: end } = Promise.withResolvers<unknown>();
      const exit = mock.method(process, 'exit', end);
      try {
        start(() => Promise.resolve(), logger);
        const added = process.listeners('uncaughtException').filter((one) => !known.has(one));
        expect(added).toHaveLength(1);
        added[0]?.(new Error('nobody caught this'), 'uncaughtException');
        // Before anything is judged: the exit is to be caught here.
        expect(await exited).toBe(1);
        expect(lines).toHaveLength(1);
        expect(JSON.parse(String(lines[0]))).toMatchObject({ level: 'fatal', err: { message: 'nobody caught this' } });
        for (const one of added) process.removeListener('uncaughtException', one);
      } finally {
        exit.mock.restore();
      }
    });
  });
});
