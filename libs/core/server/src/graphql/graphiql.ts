import type { FastifyInstance } from 'fastify';
import { ruruHTML } from 'ruru/server';
import { getStaticFile } from 'ruru/static';

/*
 * GraphiQL, in development only. Everything comes from the package `ruru`, nothing from another host. Its editor injects
 * style elements, so only this page relaxes `style-src` of the content security policy; scripts stay strict.
 */
const path = '/graphiql';
const assets = `${path}/assets/`;

const csp = [
  "default-src 'none'",
  "base-uri 'none'",
  "connect-src 'self'",
  "font-src 'self' data:",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "img-src 'self' data:",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "worker-src 'self'",
].join('; ');

const page = ruruHTML({
  staticPath: assets,
  htmlParts: {
    titleTag: '<title>Daybook GraphiQL</title><link rel="icon" href="data:," />',
    styleTags: `<link rel="stylesheet" href="${assets}ruru.css" /><link rel="stylesheet" href="${path}/page.css" />`,
    configScript: '',
    headerScripts: '',
    bodyContent: '<div id="ruru-root"></div>',
    bodyScripts: '',
    bodyInitScript: `<script type="module" src="${path}/start.js"></script>`,
  },
});

const start = `import { React, createRoot, Ruru } from '${assets}ruru.js';
const files = { json: 'jsonWorker.js', graphql: 'graphqlWorker.js' };
globalThis.MonacoEnvironment = {
  getWorker: (_, label) => new Worker('${assets}' + (files[label] ?? 'editorWorker.js'), { type: 'module' }),
};
const config = { endpoint: '/graphql', staticPath: '${assets}', initialHeaders: '{ "Authorization": "Bearer <access token>" }' };
createRoot(document.getElementById('ruru-root')).render(React.createElement(Ruru, config));
`;

export function serveGraphiql(server: FastifyInstance): void {
  server.get(path, (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', csp).send(page),
  );
  server.get(`${path}/start.js`, (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start));
  server.get(`${path}/page.css`, (_request, reply) =>
    reply.type('text/css; charset=utf-8').send('body { margin: 0 } #ruru-root { height: 100vh }'),
  );
  server.get(`${assets}*`, async (request, reply) => {
    const acceptEncoding = String(request.headers['accept-encoding'] ?? '');
    const file = await getStaticFile({
      staticPath: assets,
      urlPath: request.url,
      acceptEncoding,
      disallowDevAssets: true,
    });
    if (file === null) return reply.callNotFound();
    return reply.headers(file.headers).send(file.content);
  });
}
