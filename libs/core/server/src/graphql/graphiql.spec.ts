import { FastifyAdapter } from '@nestjs/platform-fastify';
import { serveGraphiql } from './graphiql.js';

describe('GraphiQL in development', () => {
  it('comes entirely from this server, without inline scripts', async () => {
    const adapter = new FastifyAdapter();
    const server = adapter.getInstance();
    serveGraphiql(server);
    const page = await server.inject({ url: '/graphiql' });
    expect(page.headers['content-security-policy']).toContain("script-src 'self'");
    expect(page.payload).not.toMatch(/https?:\/\/|<script(?![^>]*src=)[^>]*>/);
    for (const [, url] of page.payload.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([url, (await server.inject({ url: String(url) })).statusCode]).toEqual([url, 200]);
    }
    expect((await server.inject({ url: '/graphiql/assets/none.js' })).statusCode).toBe(404);
    await server.close();
  });
});
