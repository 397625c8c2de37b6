import { reject } from '@daybook/kernel';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CHECKS } from '../nest/tokens.js';
import { sendRejection } from '../rest/replies.js';
import { Metrics } from './metrics.js';
import { type Check, type Readiness, sharedReadiness } from './readiness.js';

@Controller()
export class HealthController {
  private readonly readiness: () => Promise<Readiness>;

  constructor(
    @Inject(CHECKS) checks: Readonly<Record<string, Check>>,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {
    this.readiness = sharedReadiness(checks);
  }

  @Get('health/live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready, checks } = await this.readiness();
    if (!ready) void reply.header('retry-after', '2');
    void reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ok' : 'failed', checks });
  }

  /** For a scraper on this machine only, since the numbers cover all tenants. */
  @Get('metrics')
  async scrape(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const local = /^(::1|(::ffff:)?127\.)/.test(request.socket.remoteAddress ?? '127.0.0.1');
    if (!local || request.headers['x-forwarded-for'] !== undefined) {
      sendRejection(
        reply,
        reject('platform.forbidden', 'Metrics can only be read from the machine itself.', { status: 403 }),
      );
      return;
    }
    void reply.header('content-type', this.metrics.registry.contentType).send(await this.metrics.registry.metrics());
  }
}
