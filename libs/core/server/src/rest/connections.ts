import { randomBytes } from 'node:crypto';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { reject, type Rejection } from '@daybook/kernel';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import { networkOf } from '../dispatch/limits.js';
import { problemOf } from '../problem.js';
import { bareHeaders } from '../static/security.js';
import type { Proxies } from './proxies.js';
import { problemType } from './replies.js';

/* Timeouts and limits against connections that are held open without being used. Specs set smaller ones. */
export interface ConnectionBounds {
  /** For the headers of a request, from its first byte, or from the start of the connection. */
  readonly headersMs: number;
  /** For a body; on top of it comes the time that its bytes take at the slowest rate. */
  readonly bodyMs: number;
  readonly bodyBytesPerSecond: number;
  /** Idle timeout without a byte in either direction; live updates send heartbeats more often. */
  readonly idleMs: number;
  /** Keep-alive between requests; longer than the minute for which proxies keep connections. */
  readonly keepAliveMs: number;
  /** Open connections, in total and per network address; trusted proxies are exempt from the latter. */
  readonly connections: number;
  readonly ofAddress: number;
  /** How often Node checks for headers that are overdue. */
  readonly checkMs: number;
  /** For running requests to end when the server closes; shorter than `stopMs`. */
  readonly endMs: number;
}
export const connectionBounds: ConnectionBounds = {
  headersMs: 15_000,
  bodyMs: 20_000,
  bodyBytesPerSecond: 16_000,
  idleMs: 180_000,
  keepAliveMs: 72_000,
  connections: 4_000,
  ofAddress: 300,
  checkMs: 5_000,
  endMs: 3_500,
};

export const connectionOptions = (bounds: ConnectionBounds): FastifyHttpOptions<Server> => ({
  connectionTimeout: bounds.idleMs,
  keepAliveTimeout: bounds.keepAliveMs,
  http: { headersTimeout: bounds.headersMs, connectionsCheckingInterval: bounds.checkMs },
});

/** Counts connections per network address. */
export class Addresses {
  private readonly open = new Map<string, number>();
  constructor(
    private readonly most: number,
    private readonly proxies: Proxies,
  ) {}

  /** Returns what to call when the connection closes; null when there are too many. */
  admit(address: string | null): (() => void) | null {
    if (address !== null && this.proxies.trusts(address)) return () => undefined;
    const network = networkOf(address);
    const count = this.open.get(network) ?? 0;
    if (count >= this.most) return null;
    this.open.set(network, count + 1);
    return () => {
      const left = (this.open.get(network) ?? 1) - 1;
      if (left > 0) this.open.set(network, left);
      else this.open.delete(network);
    };
  }
}

/** Enforces the bounds on the connections of a server. */
export function boundConnections(fastify: FastifyInstance, bounds: ConnectionBounds, proxies: Proxies): void {
  const { server } = fastify;
  const addresses = new Addresses(bounds.ofAddress, proxies);
  server.maxConnections = bounds.connections;
  server.on('connection', (socket: Socket) => {
    const left = addresses.admit(socket.remoteAddress ?? null);
    if (left) socket.once('close', left);
    else socket.destroy();
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    awaitBody(request, response, bounds);
    // Kept alive after its last answer, a connection would keep a closing server waiting.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  fastify.addHook('preClose', (done) => {
    const cut = setTimeout(() => server.closeAllConnections(), bounds.endMs).unref();
    server.once('close', () => clearTimeout(cut));
    done();
  });
}

const readBytes = 65_536;
const tooSlow = reject('platform.timeout', 'The request took too long to arrive.', { status: 408 });

/** Ends a request whose body does not arrive, whether answered or not; with 408 when nothing was sent yet. */
function awaitBody(request: IncomingMessage, response: ServerResponse, bounds: ConnectionBounds): void {
  const { socket, headers } = request;
  if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return;
  // Part of the body may have arrived with the headers, in one read of the socket.
  const before = Math.max(0, socket.bytesRead - readBytes);
  const started = performance.now();
  const look = (): void => {
    if (request.complete || socket.destroyed) return;
    const mayTakeMs = bounds.bodyMs + ((socket.bytesRead - before) / bounds.bodyBytesPerSecond) * 1_000;
    const leftMs = started + mayTakeMs - performance.now();
    if (leftMs > 0) timer = setTimeout(look, Math.max(leftMs, 1)).unref();
    else if (response.headersSent) socket.destroy();
    else answerAndClose(socket, tooSlow);
  };
  let timer = setTimeout(look, bounds.bodyMs).unref();
  // A body that nobody reads is closed before it arrives.
  request.once('close', () => {
    if (request.complete) clearTimeout(timer);
  });
}

/** The HTTP parser failed: headers too large or too slow, or not HTTP at all. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') socket.destroy();
  else if (error.code === 'HPE_HEADER_OVERFLOW') {
    answerAndClose(socket, reject('platform.headers-too-large', 'The request headers are too large.', { status: 431 }));
  } else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    answerAndClose(socket, tooSlow);
  } else answerAndClose(socket, reject('platform.malformed', 'The request is not valid HTTP.', { status: 400 }));
}

/** Sends a problem document on a raw connection and closes it, by force when the client does not read it. */
function answerAndClose(socket: Socket, rejection: Rejection): void {
  const { status } = rejection;
  const body = JSON.stringify(problemOf(rejection, randomBytes(16).toString('hex')));
  const headers = {
    ...bareHeaders,
    'content-type': problemType,
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy());
}
