import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyHelmetOptions } from '@fastify/helmet';

const nonces = new WeakMap<IncomingMessage, string>();

/** One nonce per request: for the style elements that Angular writes at run time, and for nothing else. */
export function styleNonce(request: IncomingMessage): string {
  let nonce = nonces.get(request);
  if (!nonce) nonces.set(request, (nonce = randomBytes(16).toString('base64')));
  return nonce;
}

/**
 * Scripts come from files of our own only: no inline script, no eval, no foreign host. Styles also as elements that carry
 * the nonce; style attributes in HTML are refused (setting them through the DOM is not affected).
 */
export const securityHeaders: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      objectSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", (request: IncomingMessage, _: ServerResponse) => `'nonce-${styleNonce(request)}'`],
      imgSrc: ["'self'", 'data:', 'blob:'],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      manifestSrc: ["'self'"],
      workerSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  crossOriginEmbedderPolicy: false,
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
};

/** For answers that no hook has seen: what is no address at all never reaches one. Nothing of them is shown. */
export const bareHeaders = {
  'content-security-policy':
    "default-src 'none';object-src 'none';script-src 'self';form-action 'self';base-uri 'self';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;
