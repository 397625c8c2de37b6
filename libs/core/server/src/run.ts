import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';
import { standardOutput } from './health/logger.js';
import { startupMessage, operatorMessage } from './startup-error.js';

/** How long to wait for the last log lines before the process exits; the disk may be full. */
const lastLinesMs = 500;

const exit = (status: number): void => void standardOutput.settled(lastLinesMs).then(() => process.exit(status));

/** Longest time for a graceful shutdown. */
export const stopMs = 4_500;

/**
 * Shuts down gracefully on SIGTERM and SIGINT: no new requests, running requests and jobs end, connections close. What does
 * not end in time is aborted; all work is safe to repeat.
 */
export function stopOnSignal(app: Pick<INestApplicationContext, 'close'>, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.warn('shutdown timed out, aborting');
      exit(1);
    }, stopMs).unref();
    void app.close().then(
      () => exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'shutdown failed');
        exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Runs `main`; a failed start is one log line and status 1. */
export function start(main: () => Promise<void>, logger: Logger): void {
  // Node's own output (warnings) can also hit a full disk, and must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception, the process exits');
    exit(1);
  });
  main().catch((error: unknown) => {
    const sentence = operatorMessage(error);
    // One sentence for what the operator can fix; a stack trace only for bugs.
    if (sentence) logger.fatal(sentence);
    else logger.fatal({ err: error }, startupMessage(error));
    exit(1);
  });
}
