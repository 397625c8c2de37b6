import type { INestApplicationContext } from '@nestjs/common';
import type { Logger } from 'pino';
import { standardOutput } from './health/logger.js';
import { startMessage, startSentence } from './start-sentence.js';

/** Lines of the log that are not written by then are lost when the process ends: its disk may be full. */
const lastLinesMs = 500;

const exit = (status: number): void => void standardOutput.settled(lastLinesMs).then(() => process.exit(status));

/** Longest time a process may take to stop. */
export const stopMs = 4_500;

/**
 * Ends the process in order on SIGTERM and SIGINT: no new requests, running ones and jobs end, connections close. What
 * does not end in time is cut off; all work is safe to repeat.
 */
export function stopOnSignal(app: Pick<INestApplicationContext, 'close'>, logger: Logger): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.warn('not stopped in time, cut off');
      exit(1);
    }, stopMs).unref();
    void app.close().then(
      () => exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

/** Runs `main`; what goes wrong at start is one line and status 1, not a stack trace. */
export function start(main: () => Promise<void>, logger: Logger): void {
  // What Node itself writes (warnings) may meet a full disk too, and must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'a bug ends this process');
    exit(1);
  });
  main().catch((error: unknown) => {
    const sentence = startSentence(error);
    // What the operator can put right is one sentence; a stack trace is for bugs.
    if (sentence) logger.fatal(sentence);
    else logger.fatal({ err: error }, startMessage(error));
    exit(1);
  });
}
