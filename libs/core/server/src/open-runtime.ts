import type { Logger } from 'pino';
import type { Config } from './config.js';
import { RateLimits } from './dispatch/limits.js';
import { listenForHints, LiveHub } from './live/hub.js';
import { type Base, openBase } from './open-base.js';
import type { Runtime } from './runtime.js';
import type { Suite } from './suite.js';

/** The API's runtime: the base as role `api`, tokens, and the live hints. */
export async function openRuntime(
  config: Config,
  suite: Suite,
  logger: Logger,
  { limits = new RateLimits(), ...options }: { processMetrics?: boolean; limits?: RateLimits; now?: () => number } = {},
): Promise<Runtime & { readonly base: Base }> {
  const base = await openBase(config, suite, logger, { role: 'api', ...options });
  const hub = new LiveHub();
  // Whoever looks on has seen what is not there any more.
  base.log.whenExchanged(() => {
    void base.core.reads.position().then(
      (position) => hub.restart(position),
      () => hub.restart(0n),
    );
  });
  const stopListening = listenForHints(
    { listener: base.listener, position: () => base.core.reads.position(), logger },
    hub,
  );
  return {
    base,
    config,
    logger,
    contexts: base.contexts,
    core: base.core,
    authenticator: base.authenticator,
    limits,
    hub,
    metrics: base.metrics,
    checks: base.checks,
    close: async () => {
      stopListening();
      await base.close();
    },
  };
}
