import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { NotReady } from '../health/readiness.js';
import { type KitApp, startKit } from '../testing/kit-app.js';

describe("the console and the operator's pages", () => {
  let kit: KitApp;
  let dir: string;
  let behind = false;
  const checking = { now: 0, most: 0 };
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'daybook-console-'));
    writeFileSync(
      join(dir, 'index.html'),
      '<html><head><style>b{}</style></head><body><db-root class="x"></db-root></body></html>',
    );
    writeFileSync(join(dir, 'main-B-KaW1_4.js'), 'console.log(1)');
    writeFileSync(join(dir, 'main-B-KaW1_4.js.gz'), gzipSync('console.log(2)'));
    writeFileSync(join(dir, 'ngsw.json'), '{}');
    kit = await startKit({
      console: dir,
      checks: {
        database: async () => {
          checking.most = Math.max(checking.most, (checking.now += 1));
          await new Promise((resume) => setImmediate(resume));
          checking.now -= 1;
          return {};
        },
        projections: async () => {
          if (behind) throw new NotReady({ behindSeconds: 99 });
          return { behind: 0 };
        },
        slow: async () => {
          if (behind) throw new Error('connect to postgres://root:hunter2@db failed');
          return {};
        },
      },
    });
  });
  afterAll(async () => {
    await kit.close();
    rmSync(dir, { recursive: true });
  });
  const get = (path: string, accept = 'text/html') => request(kit.app.getHttpServer()).get(path).set('accept', accept);

  it('serves the page at each of its addresses, with a fresh nonce for its styles', async () => {
    const [one, two] = [await get('/').expect(200), await get('/books/entries/3').expect(200)];
    const nonce = /'nonce-([^']+)'/.exec(one.headers['content-security-policy']!)![1]!;
    expect(one.text).toContain(`<db-root ngCspNonce="${nonce}" class="x">`);
    expect(one.text).toContain(`<style nonce="${nonce}">`);
    expect(two.headers['content-security-policy']).not.toContain(nonce);
    expect(one.headers['cache-control']).toBe('no-store');
    await get('/index.html').expect(200);
  });

  it('serves the page to a client that does not accept compression', async () => {
    const plain = (path: string) => get(path).set('accept-encoding', 'identity');
    expect((await plain('/').expect(200)).text).toContain('<db-root ngCspNonce=');
    await plain('/books/entries/').expect(200);
  });

  it('allows only scripts from its own files', async () => {
    const { headers } = await get('/');
    const policy = headers['content-security-policy']!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  it('caches files with a hash in their name for ever, and sends them compressed', async () => {
    const script = await request(kit.app.getHttpServer()).get('/main-B-KaW1_4.js').set('accept-encoding', 'br');
    expect(script.headers['cache-control']).toContain('immutable');
    expect(script.text).toBe('console.log(1)');
    const zipped = await request(kit.app.getHttpServer()).get('/main-B-KaW1_4.js').set('accept-encoding', 'gzip');
    expect(zipped.headers['content-encoding']).toBe('gzip');
    expect(zipped.text).toBe('console.log(2)');
    expect((await get('/ngsw.json')).headers['cache-control']).toBe('no-cache');
  });

  it.each(['/v1/nothing', '/health/nothing', '/graphql/x', '/missing.js', '/main-XXXX.css'])(
    'answers %s with a problem document, never with a page',
    async (path) => {
      const answer = await get(path).expect(404);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    },
  );

  it.each(['//etc/passwd.txt', '/a%00b.txt', '/a/%2e%2e/b.txt', '/.%2e/b.txt'])(
    'answers %s, which cannot be a file, with 404 and not with an internal error',
    async (path) => {
      const answer = await get(path, 'text/plain').expect(404);
      expect(answer.body.code).toBe('platform.not-found');
    },
  );

  it('answers an address that cannot be decoded with a problem document', async () => {
    const answer = await get('/%zz').expect(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ code: 'platform.malformed', detail: 'The URL is malformed.' });
  });

  it('serves nothing outside its folder', async () => {
    for (const path of ['/..%2f..%2fetc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd.txt']) {
      expect((await get(path, 'text/plain')).text).not.toContain('root:');
    }
  });

  it('reports liveness and readiness without secrets', async () => {
    expect((await get('/health/live').expect(200)).body).toEqual({ status: 'ok' });
    expect((await get('/health/ready').expect(200)).body.checks.projections).toEqual({ status: 'ok', behind: 0 });
    behind = true;
    const { body, text } = await get('/health/ready').expect(503);
    expect(body.checks).toMatchObject({
      projections: { status: 'failed', behindSeconds: 99 },
      slow: { status: 'failed', reason: 'unreachable' },
    });
    expect(text).not.toContain('hunter2');
  });

  it('asks the database once at a time, however many ask whether it is ready', async () => {
    behind = false;
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => kit.app.inject({ method: 'GET', url: '/health/ready' })),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
    expect(checking.most).toBe(1);
  });

  it('shows metrics only to a scraper on this machine', async () => {
    await get('/v1/notes/boards/x/notes').expect(401);
    const metrics = await get('/metrics').expect(200);
    expect(metrics.text).toContain(
      'daybook_operations_total{operation="notes.note.list",channel="rest",status="401"} 1',
    );
    expect(metrics.text).toContain('daybook_projection_lag_positions 0');
    await get('/metrics').set('x-forwarded-for', '203.0.113.9').expect(403);
  });
});
