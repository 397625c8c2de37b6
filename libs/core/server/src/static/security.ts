import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyHelmetOptions } from '@fastify/helmet';

const nonces = new WeakMap<IncomingMessage, string>();

/** One nonce per request, only for the style elements that Angular creates at run time. */
export function styleNonce(request: IncomingMessage): string {
  let nonce = nonces.get(request);
  if (!nonce) nonces.set(request, (nonce = randomBytes(16).toString('base64')));
  return nonce;
}

/**
 * Content security policy: scripts only from our own files (no inline scripts, no eval, no other hosts); styles also as
 * elements with the nonce. Style attributes in HTML are blocked; setting them through the DOM is not.
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

/** Headers for responses that bypass all hooks (malformed URLs). Nothing of them is rendered. */
export const bareHeaders = {
  'content-security-policy':
    "default-src 'none';object-src 'none';script-src 'self';form-action 'self';base-uri 'self';frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
} as const;
