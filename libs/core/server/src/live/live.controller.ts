import { isRejection, reject, type Rejection } from '@daybook/kernel';
import { type BeforeApplicationShutdown, Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticator } from '../dispatch/access.js';
import { Dispatcher } from '../dispatch/dispatcher.js';
import type { Route } from '../dispatch/message.js';
import { accessOf } from '../dispatch/request.js';
import { Bindings } from '../dispatch/bindings.js';
import { LogMonitor } from '../log/log-monitor.js';
import { READS } from '../nest/tokens.js';
import type { Reads } from '../query/reads.js';
import { httpRequest } from '../rest/http-request.js';
import { sendRejection } from '../rest/replies.js';
import { LiveHub } from './hub.js';
import { Stamps } from './stamps.js';
import { streamHints } from './stream.js';

const liveRoute: Route = {
  kind: 'route',
  name: 'platform.live.read',
  title: 'Live updates',
  permission: null,
  delegated: true,
};
/** Open streams per caller and process: more tabs than anybody has, too few to overload a server. */
export const maxStreamsPerCaller = 50;
const tooManyStreams = (): Rejection =>
  reject('platform.too-many-streams', `You have ${maxStreamsPerCaller} live connections open. Close one of them.`, {
    status: 429,
    details: { retryAfterSeconds: 60 },
  });

/** `GET /v1/live`: server-sent events; read with fetch, since the token is in a header. */
@Controller()
export class LiveController implements BeforeApplicationShutdown {
  /** By caller: each open stream is a connection, and a check of rights at every change. */
  private readonly open = new Map<string, Set<() => void>>();
  private readonly stamps = new Stamps((tenant) => this.reads.read(tenant, null, async (read) => read.stamp));

  constructor(
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(LiveHub) private readonly hub: LiveHub,
    @Inject(LogMonitor) private readonly log: Pick<LogMonitor, 'passed'>,
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(READS) private readonly reads: Reads,
  ) {}

  @Get('v1/live')
  async live(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const call = httpRequest(request, reply, this.authenticator);
    const access = await this.dispatcher.authorise(liveRoute, call);
    if (isRejection(access)) {
      sendRejection(reply, access);
      return;
    }
    const caller = `${access.tenant} ${access.actor.kind} ${access.actor.id}`;
    const streams = this.open.get(caller) ?? new Set<() => void>();
    if (streams.size >= maxStreamsPerCaller) {
      sendRejection(reply, tooManyStreams());
      return;
    }
    if (request.method === 'HEAD') {
      void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
      return;
    }
    const headers = reply.getHeaders();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...(headers as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    const lastEventId = request.headers['last-event-id'];
    const stop = streamHints({
      hub: this.hub,
      access,
      accessNow: async () => {
        await this.log.passed();
        return accessOf(this.authenticator, request.headers.authorization, request.ip).access();
      },
      permissionOf: (channel) => this.bindings.permissionOfChannel(channel),
      allRowsOf: (channel) => this.bindings.allRowsOfChannel(channel),
      namesNothing: (channel) => this.bindings.namelessChannels.has(channel),
      stamp: () => this.stamps.of(access.tenant),
      lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
      sink: { write: (text) => void raw.write(text), pending: () => raw.writableLength, end: () => raw.end() },
    });
    this.open.set(caller, streams.add(stop));
    const end = (): void => {
      streams.delete(stop);
      if (streams.size === 0 && this.open.get(caller) === streams) this.open.delete(caller);
      stop();
    };
    // A client that left while its rights were checked closes nothing any more.
    if (raw.destroyed || request.raw.socket.destroyed) end();
    else raw.once('close', end);
  }

  /** Open streams would keep the server from shutting down. */
  beforeApplicationShutdown(): void {
    for (const stop of [...this.open.values()].flatMap((streams) => [...streams])) stop();
  }
}
