import '@fastify/cookie';
import { type Channel, isRejection } from '@daybook/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../dispatch/access.js';
import { accessOf, type OperationRequest } from '../dispatch/request.js';
import { pinnedBy } from './if-match.js';

/** Channels that a caller can claim; anything else counts as REST. */
const channels: ReadonlySet<string> = new Set<Channel>(['console', 'command-line']);
const accesses = new WeakMap<FastifyRequest, ReturnType<typeof accessOf>>();

/** The tenant of a request, once known, for the access log. */
const tenants = new WeakMap<FastifyRequest, string>();
export const tenantOf = (request: FastifyRequest): string | null => tenants.get(request) ?? null;

const noting = (authenticator: Authenticator, request: FastifyRequest): Authenticator => ({
  authenticate: async (...asked) => {
    const access = await authenticator.authenticate(...asked);
    if (!isRejection(access)) tenants.set(request, access.tenant);
    return access;
  },
});

/** An empty header counts as given, and is invalid where a value is required. */
const given = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
};
const header = (request: FastifyRequest, name: string): string | null => given(request, name) || null;

/**
 * Over https, cookie names start with `__Secure-`: browsers accept that prefix only with the Secure attribute from a secure
 * page, so that neither a page over plain http nor an attacker on the network can set the cookie; no other name is read
 * there (ASVS 3.3.1). Not `__Host-`, which requires Path=/, since the refresh token's path limits it to requests for the
 * session. Over plain http, on a local machine, browsers refuse the prefix, so the name has none.
 */
const securePrefix = '__Secure-';
const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

function cookiesOf(request: FastifyRequest): OperationRequest['cookies'] {
  if (!isSecure(request)) return request.cookies;
  const prefixed = Object.entries(request.cookies).filter(([name]) => name.startsWith(securePrefix));
  return Object.fromEntries(prefixed.map(([name, value]) => [name.slice(securePrefix.length), value]));
}

/** Caller and network address: what REST and GraphQL share. The token is verified once per request. */
export function plainRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticator: Authenticator,
  channel: Channel,
): OperationRequest {
  let access = accesses.get(request);
  if (!access)
    accesses.set(
      request,
      (access = accessOf(noting(authenticator, request), request.headers.authorization, request.ip)),
    );
  return {
    ...access,
    channel,
    address: request.ip,
    signal: signalOf(reply),
    traceId: request.id,
    reason: null,
    idempotencyKey: null,
    expectedVersion: null,
    minPosition: null,
    knownAt: null,
    userAgent: header(request, 'user-agent')?.slice(0, 300) ?? null,
    cookies: cookiesOf(request),
    setCookie: ({ name, value, path, maxAgeSeconds }) => {
      void reply.setCookie(isSecure(request) ? `${securePrefix}${name}` : name, value ?? '', {
        path,
        httpOnly: true,
        sameSite: 'strict',
        secure: isSecure(request),
        maxAge: value === null ? 0 : maxAgeSeconds,
      });
    },
  };
}

/** Aborted when the connection closes before the answer is sent. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort();
  });
  return left.signal;
}

/** The operation request of an HTTP request: key, version and reason from headers; min-position and known-at from the query string. */
export function httpRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticator: Authenticator,
): OperationRequest {
  const { version, refused } = pinnedBy(given(request, 'if-match'));
  const query = request.method === 'GET' || request.method === 'HEAD' ? (request.query as Record<string, unknown>) : {};
  return {
    ...plainRequest(request, reply, authenticator, channelOf(header(request, 'x-daybook-channel'))),
    reason: decoded(header(request, 'x-daybook-reason')),
    idempotencyKey: given(request, 'idempotency-key'),
    expectedVersion: version,
    versionRefused: refused,
    minPosition: single(query['min-position']),
    knownAt: single(query['known-at']),
  };
}

const channelOf = (name: string | null): Channel => (name !== null && channels.has(name) ? (name as Channel) : 'rest');

/** Empty or repeated parameters are invalid values and rejected, so that nobody gets data of another moment than requested. */
const single = (value: unknown): string | null => (value === undefined ? null : String(value));

/** The reason is URI-encoded, since header values are ASCII; one that is not encoded correctly is taken literally. */
function decoded(text: string | null): string | null {
  if (text === null) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
