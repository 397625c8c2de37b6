import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Never in a log, wherever they stand. */
const secrets = [
  'authorization', 'cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken', 'databaseUrl', 'eventStoreUrl',
]; // prettier-ignore
const paths = secrets.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** One JSON document a line; secrets are cut out. */
export const createLogger = (level: string, part: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { part },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...paths, 'req.headers', 'err.config'], censor: '[redacted]' },
    },
    destination ?? pino.destination({ fd: 1, sync: false }),
  );

/** Nest's own lines, in the same form. */
export function nestLogger(logger: Logger): LoggerService {
  const line =
    (level: 'info' | 'warn' | 'error' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
      if (message instanceof Error) logger[level]({ err: message, context });
      else logger[level]({ context }, String(message));
    };
  return { log: line('debug'), warn: line('warn'), error: line('error'), debug: line('trace'), verbose: line('trace') };
}
