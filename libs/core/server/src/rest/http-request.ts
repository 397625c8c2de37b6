import '@fastify/cookie';
import { type Channel, isRejection, reject, type Rejection } from '@daybook/kernel';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticator } from '../dispatch/access.js';
import { accessOf, type OperationRequest } from '../dispatch/request.js';

/** What a caller may call itself; whatever else it says is plain REST. */
const channels: ReadonlySet<string> = new Set<Channel>(['console', 'command-line']);
const accesses = new WeakMap<FastifyRequest, ReturnType<typeof accessOf>>();

/** Of whom a request came, once that is known: for its line in the log. */
const tenants = new WeakMap<FastifyRequest, string>();
export const tenantOf = (request: FastifyRequest): string | null => tenants.get(request) ?? null;

const noting = (authenticator: Authenticator, request: FastifyRequest): Authenticator => ({
  authenticate: async (...asked) => {
    const access = await authenticator.authenticate(...asked);
    if (!isRejection(access)) tenants.set(request, access.tenant);
    return access;
  },
});

/** An empty header is one, and a wrong one where a value is needed. */
const given = (request: FastifyRequest, name: string): string | null => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
};
const header = (request: FastifyRequest, name: string): string | null => given(request, name) || null;
const invalid = (code: string, message: string): Rejection => reject(code, message, { status: 400 });

/**
 * Over https a cookie is called `__Secure-…`: browsers take that name from a secure page alone, with Secure, so that neither
 * a page over plain http nor somebody on the line puts one of his in its place; and no other is read there (ASVS 3.3.1).
 * Not `__Host-`, which insists on Path=/: the refresh token would go with every request, and its path keeps it from all but
 * the session's own. Over plain http, on one's own machine, browsers refuse the prefix, and the name is the plain one.
 */
const securePrefix = '__Secure-';
const isSecure = (request: FastifyRequest): boolean => request.protocol === 'https';

function cookiesOf(request: FastifyRequest): OperationRequest['cookies'] {
  if (!isSecure(request)) return request.cookies;
  const prefixed = Object.entries(request.cookies).filter(([name]) => name.startsWith(securePrefix));
  return Object.fromEntries(prefixed.map(([name, value]) => [name.slice(securePrefix.length), value]));
}

/** Who calls, from where: the part of a call that REST and GraphQL share. The token is looked at once per request. */
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

/** Headers that cannot be read; told only to those who may call at all. */
function malformed(key: string | null, ifMatch: string | null, version: string | undefined): Rejection | null {
  if (key !== null && !/^[\x21-\x7e]{1,200}$/.test(key)) {
    return invalid('platform.idempotency-key-invalid', 'Idempotency-Key takes 1 to 200 visible ASCII characters.');
  }
  if (ifMatch !== null && version === undefined) {
    return invalid('platform.version-invalid', 'If-Match takes the version in quotes, as ETag gave it: "3".');
  }
  return null;
}

/** What HTTP says of one call: key, version and reason from headers; position and moment from the query string. */
export function httpRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticator: Authenticator,
): OperationRequest {
  const key = given(request, 'idempotency-key');
  const ifMatch = given(request, 'if-match');
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch ?? '')?.[1];
  const query = request.method === 'GET' ? (request.query as Record<string, unknown>) : {};
  return {
    ...plainRequest(request, reply, authenticator, channelOf(header(request, 'x-daybook-channel'))),
    malformed: malformed(key, ifMatch, version),
    reason: decoded(header(request, 'x-daybook-reason')),
    idempotencyKey: key,
    expectedVersion: version === undefined ? null : Number(version),
    minPosition: single(query['min-position']),
    knownAt: single(query['known-at']),
  };
}

const channelOf = (name: string | null): Channel => (name !== null && channels.has(name) ? (name as Channel) : 'rest');

/** Empty or repeated is a wrong value, to be refused: whoever asked for a moment must not be answered another one. */
const single = (value: unknown): string | null => (value === undefined ? null : String(value));

/** The reason is URI-encoded, for header values hold ASCII only; a wrongly encoded one is taken as it is. */
function decoded(text: string | null): string | null {
  if (text === null) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
