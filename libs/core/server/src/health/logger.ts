import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { LogOutput } from './log-output.js';

/** Never in a log, wherever they stand. */
const secrets = [
  'authorization', 'cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken', 'databaseUrl', 'eventStoreUrl',
]; // prettier-ignore
const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** What PostgreSQL says beside its message: the row that failed, the text that is no JSON. Anybody's name may stand there. */
const withheld = ['detail', 'where', 'internalQuery', 'parameters'];

/**
 * An error of PostgreSQL without the values it was given: those of data exceptions (class 22) stand in the message too, after
 * its colon. Code, table, column and constraint stay, and lead to the cause.
 */
function errorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return pino.stdSerializers.err(error as Error);
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  const written = pino.stdSerializers.err(error) as unknown as Record<string, unknown>;
  if (typeof code !== 'string' || typeof severity !== 'string') return written;
  const plain = Object.fromEntries(Object.entries(written).filter(([name]) => !withheld.includes(name)));
  if (!code.startsWith('22')) return plain;
  const message = error.message.replace(/:.*$/s, '');
  return { ...plain, message, stack: error.stack?.replace(error.message, message) };
}

/** Of this process. */
export const standardOutput = new LogOutput(1);

/** One JSON document a line; secrets are cut out. */
export function createLogger(level: string, part: string, destination: DestinationStream = standardOutput): Logger {
  const logger = pino(
    {
      level,
      base: { part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorOf },
      redact: { paths: [...paths, 'req.headers', 'err.config'], censor: '[redacted]' },
    },
    destination,
  );
  if (destination instanceof LogOutput) {
    destination.onRecovered = (why, leftOut) =>
      logger.warn({ why, leftOut }, 'the log could not be written for a while');
  }
  return logger;
}

/** Nest's own lines, in the same form. */
export function nestLogger(logger: Logger): LoggerService {
  const line =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
      // Thrown to who starts the application, which says it in one sentence.
      if (context === 'ExceptionHandler') return;
      if (message instanceof Error) logger[level]({ err: message, context });
      else logger[level]({ context }, String(message));
    };
  return { log: line('debug'), warn: line('warn'), error: line('error'), debug: line('trace'), verbose: line('trace') };
}
