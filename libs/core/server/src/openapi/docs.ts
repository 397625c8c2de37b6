import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { OpenApi } from './components.js';

/*
 * `/openapi.json`, and `/docs`, which shows it with the packaged Swagger UI. All files come from this server, and the page
 * has no inline script, so the strict content security policy applies unchanged.
 */
const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Daybook API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  deepLinking: true,
  docExpansion: 'none',
  displayOperationId: true,
  validatorUrl: null,
});
`;

const types = { html: 'text/html', js: 'text/javascript', css: 'text/css' } as const;

export function serveOpenApi(server: FastifyInstance, document: OpenApi): void {
  const text = JSON.stringify(document);
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const serve = (path: string, type: keyof typeof types, content: () => string | Promise<Buffer>) =>
    server.get(path, async (_request, reply) => {
      const body = await content();
      return reply.type(`${types[type]}; charset=utf-8`).header('cache-control', 'no-cache').send(body);
    });
  server.get('/openapi.json', (_request, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(text),
  );
  serve('/docs', 'html', () => page);
  serve('/docs/start.js', 'js', () => start);
  serve('/docs/swagger-ui.css', 'css', () => readFile(join(assets, 'swagger-ui.css')));
  serve('/docs/swagger-ui-bundle.js', 'js', () => readFile(join(assets, 'swagger-ui-bundle.js')));
}
