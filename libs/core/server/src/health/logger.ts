import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { LogOutput } from './log-output.js';

/** Redacted at any depth. */
const secrets = [
  'authorization', 'cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken', 'databaseUrl', 'eventStoreUrl',
]; // prettier-ignore
const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** Fields of PostgreSQL errors that can contain personal data: the failing row, the invalid JSON. */
const withheld = ['detail', 'where', 'internalQuery', 'parameters'];

/**
 * Serialises an error of PostgreSQL without values; data exceptions (class 22) also have them in the message, after the
 * colon. Code, table, column and constraint remain, and lead to the cause.
 */
function errorOf(error: unknown): unknown {
  if (!(error instanceof Error)) return pino.stdSerializers.err(error as Error);
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  const written: Record<string, unknown> = { ...pino.stdSerializers.err(error) };
  if (typeof code !== 'string' || typeof severity !== 'string') return written;
  const plain = Object.fromEntries(Object.entries(written).filter(([name]) => !withheld.includes(name)));
  if (!code.startsWith('22')) return plain;
  const message = error.message.replace(/:.*$/s, '');
  return { ...plain, message, stack: error.stack?.replace(error.message, message) };
}

/** Standard output of this process. */
export const standardOutput = new LogOutput(1);

/** One JSON document per line, with secrets redacted. */
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

/** Nest's log lines in the same format. */
export function nestLogger(logger: Logger): LoggerService {
  const line =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
      // It is also thrown to the code that starts the application, which reports it.
      if (context === 'ExceptionHandler') return;
      if (message instanceof Error) logger[level]({ err: message, context });
      else logger[level]({ context }, String(message));
    };
  return { log: line('debug'), warn: line('warn'), error: line('error'), debug: line('trace'), verbose: line('trace') };
}
