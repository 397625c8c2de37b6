import { isRejection } from '@daybook/kernel';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { Context } from './context.js';
import type { Authenticator } from './dispatch/access.js';
import type { Core } from './dispatch/handlers.js';
import type { RateLimits } from './dispatch/limits.js';
import type { Observer } from './dispatch/operation-dispatcher.js';
import type { OperationRequest } from './dispatch/request.js';
import type { Metrics } from './health/metrics.js';
import type { Check } from './health/readiness.js';
import type { LiveHub } from './live/hub.js';

/** Everything the API stands on, opened and wired, before Nest and HTTP come in. */
export interface Runtime {
  readonly config: Config;
  readonly logger: Logger;
  readonly contexts: readonly Context[];
  readonly core: Core;
  readonly authenticator: Authenticator;
  readonly limits: RateLimits;
  readonly hub: LiveHub;
  readonly metrics: Metrics;
  readonly checks: Readonly<Record<string, Check>>;
  close(): Promise<void>;
}

/** Counts every operation; logs bugs, who was refused for want of rights (by id, never by name), and the rest at debug level. */
export const observerOf = ({ metrics, logger }: Pick<Runtime, 'metrics' | 'logger'>): Observer => ({
  done: (operation, request, status, seconds) => {
    metrics.operationDone(operation, request, status, seconds);
    logger.debug(
      { operation: operation.name, channel: request.channel, status, seconds, traceId: request.traceId },
      'operation',
    );
    if (status === 401 || status === 403) void logRefused(logger, operation.name, request, status);
  },
  failed: (operation, request, error) =>
    logger.error({ err: error, operation: operation.name, traceId: request.traceId }, 'operation failed'),
});

async function logRefused(logger: Logger, operation: string, request: OperationRequest, status: number): Promise<void> {
  const access = await request.access();
  const who = isRejection(access) ? null : { tenant: access.tenant, actor: access.actor.id };
  const { channel, traceId } = request;
  logger.warn({ operation, status, ...who, channel, traceId }, 'refused');
}
