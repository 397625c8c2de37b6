import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FastifyStaticOptions } from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { styleNonce } from './security.js';

/** Paths for programs; an unknown address below them is a problem document, never a page. */
const reserved = /^\/(v1|graphql|graphiql|health|metrics|openapi\.json|docs|\.well-known)(\/|$)/;
/** The build puts a hash of the content into these names, so the files never change. */
const hashed = /-[\w-]{8}\.(js|css)(\.map)?$/;
/** Fonts have names without a hash and change at most with a release. */
const font = /\.woff2$/;

const cacheControl = (name: string): string => {
  if (hashed.test(name)) return 'public, max-age=31536000, immutable';
  return font.test(name) ? 'public, max-age=86400' : 'no-cache';
};

export const consoleIn = (dir: string | null): dir is string => dir !== null && existsSync(join(dir, 'index.html'));

export const consoleFiles = (dir: string): FastifyStaticOptions => ({
  root: dir,
  index: false,
  preCompressed: true,
  cacheControl: false,
  // The page itself needs a nonce, so `consolePage` sends it at every address. For a folder the plugin
  // would refuse it as forbidden where the client takes no compressed answer.
  allowedPath: (path) => path !== '/index.html' && !path.endsWith('/'),
  setHeaders: (reply, path) => {
    void reply.header('cache-control', cacheControl(basename(path.replace(/\.(br|gz)$/, ''))));
  },
});

/** Puts the nonce of the request into the page: Angular adds it to the style elements it creates. */
export const withNonce = (html: string, nonce: string): string =>
  html
    .replace(/<([a-z]+(?:-[a-z]+)*-root)(?=[\s>])/, `<$1 ngCspNonce="${nonce}"`)
    .replaceAll('<style', `<style nonce="${nonce}"`);

/** Serves the console's page for addresses that only its router knows; false when the request is not for a page. */
export const consolePage =
  (dir: string) =>
  (request: FastifyRequest, reply: FastifyReply): boolean => {
    const path = request.url.split('?')[0] ?? '/';
    const asksPage = request.method === 'GET' || request.method === 'HEAD';
    const accept = request.headers.accept ?? '';
    if (!asksPage || !/text\/html|\*\/\*/.test(accept) || reserved.test(path) || basename(path).includes('.')) {
      return path === '/index.html' && asksPage ? sendPage(dir, request, reply) : false;
    }
    return sendPage(dir, request, reply);
  };

function sendPage(dir: string, request: FastifyRequest, reply: FastifyReply): true {
  void readFile(join(dir, 'index.html'), 'utf8').then(
    (html) =>
      reply
        .code(200)
        .header('content-type', 'text/html; charset=utf-8')
        .header('cache-control', 'no-store')
        .send(withNonce(html, styleNonce(request.raw))),
    (error: Error) => reply.send(error),
  );
  return true;
}
