/*
 * Errors that are not caused by the query: the database was unavailable, or did not answer in time. The same query may
 * succeed later, so callers get 503 and loops retry.
 */

/** SQLSTATE: two characters name a class, five a single condition. */
const states: ReadonlySet<string> = new Set([
  '08', // connection exceptions
  '25P03', // idle in a transaction for too long
  '25P04', // a transaction that took too long
  '40001', // serialization failure
  '40P01', // deadlock
  '53300', // too many connections
  '55P03', // lock timeout
  '57014', // cancelled by a timeout
  '57P01', // the server shuts down, or the session was terminated
  '57P02', // the server crashed
  '57P03', // the server is starting up or shutting down
  '57P05', // idle timeout
]);

/** Of Node's sockets. */
const networkCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  'EHOSTDOWN',
  'ENETDOWN',
]);
const networkCalls: ReadonlySet<string> = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/**
 * Marks socket errors of database connections, since a refused connection of a mail server or a sign-in provider has the same
 * codes. A named property, because the ORM makes errors of its own and copies those.
 */
export function markDatabaseError(error: unknown): unknown {
  if (!isFailure(error)) return error;
  Object.defineProperty(error, 'isDatabaseError', { value: true, configurable: true, writable: true });
  if (Array.isArray(error.errors)) error.errors.forEach(markDatabaseError);
  return error;
}

/** Errors of the driver and its pool have no code. */
const driverWords =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed and is not queryable|Query read timeout)/;

/** A connection that did not answer in time and was closed. The statement may have run, or may still run. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`The database gave no answer within ${ms} ms.`);
    markDatabaseError(this);
  }
}

/** No host answers, or none is of the requested kind; a fail-over resolves both. */
export class NoHostError extends Error {
  override readonly name = 'NoHostError';
  readonly code = 'ECONNREFUSED';
  constructor(wanted: string, failures: readonly unknown[]) {
    const what = wanted === 'any' ? 'answers' : `answers and is ${wanted}`;
    super(`No host of the database ${what}.`, failures.length > 0 ? { cause: failures[0] } : {});
    markDatabaseError(this);
  }
}

/** Duck-typed, since an error may come from another realm (Jest's). */
interface Failure {
  readonly message: string;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly severity?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly isDatabaseError?: unknown;
}
const isFailure = (error: unknown): error is Failure =>
  typeof error === 'object' && error !== null && typeof (error as Failure).message === 'string';

/** Was the database unavailable or too slow? Unwraps errors of other libraries. */
export const isOutage = (error: unknown): boolean => holds(error, isOne);

/** Was a disk full, PostgreSQL's or that of our own files? */
export const isFullDisk = (error: unknown): boolean => holds(error, isFull);

function holds(error: unknown, test: (failure: Failure) => boolean): boolean {
  for (let one = error, depth = 0; isFailure(one) && depth < 5; one = one.cause, depth++) {
    if (test(one)) return true;
    // All addresses of a host failed.
    if (Array.isArray(one.errors) && one.errors.length > 0 && one.errors.every((each) => holds(each, test)))
      return true;
  }
  return false;
}

/** Did the server reject the query? Then the query is wrong. */
export const isRefusal = (error: unknown): boolean =>
  isFailure(error) && error.severity !== undefined && !isOutage(error) && !isFullDisk(error);

/** A quota is reported as an internal error, and a failed flush as a device error; the message tells. */
const fullWords = /No space left on device|Disk quota exceeded|Check free disk space/i;

function isFull({ message, code, severity }: Failure): boolean {
  if (severity !== undefined) return code === '53100' || fullWords.test(message);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function isOne({ message, code, syscall, severity, isDatabaseError: isOurs }: Failure): boolean {
  if (typeof code !== 'string') return driverWords.test(message);
  if (severity !== undefined) return states.has(code) || states.has(code.slice(0, 2));
  if (isOurs !== true) return false;
  // A local socket that does not exist.
  if (code === 'ENOENT') return syscall === 'connect';
  return networkCodes.has(code) && (typeof syscall !== 'string' || networkCalls.has(syscall));
}
