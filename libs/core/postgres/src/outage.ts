/*
 * Errors that say nothing about the query: the database was away, or gave no answer in its time. The same query
 * may be asked again later, so callers see 503 and loops try again.
 */

/** SQLSTATE: of whole classes by two characters, of single conditions by five. */
const states: ReadonlySet<string> = new Set([
  '08', // connection exceptions
  '25P03', // idle in a transaction for too long
  '25P04', // a transaction that took too long
  '40001', // could not be serialized
  '40P01', // deadlock
  '53300', // too many connections
  '55P03', // a lock that was not free in time
  '57014', // cancelled: its time was up
  '57P01', // the server shuts down, or somebody ended this session
  '57P02', // the server crashed
  '57P03', // the server is starting up or shutting down
  '57P05', // idle for too long
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
 * Marks what a socket to the database says: a refused connection of a mail server or a sign-in provider has the same codes.
 * A property with a name, because the ORM makes errors of its own and copies those.
 */
export function markDatabaseError(error: unknown): unknown {
  if (!isFailure(error)) return error;
  Object.defineProperty(error, 'isDatabaseError', { value: true, configurable: true, writable: true });
  if (Array.isArray(error.errors)) error.errors.forEach(markDatabaseError);
  return error;
}

/** The driver's and its pool's own errors carry no code. */
const driverWords =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Client was closed and is not queryable|Query read timeout)/;

/** A connection that said nothing for so long that it was given up. What was asked may have been done, or may be yet. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = 'ETIMEDOUT';
  constructor(ms: number) {
    super(`The database gave no answer within ${ms} ms.`);
    markDatabaseError(this);
  }
}

/** None of several hosts answers, or none is what was asked for; both pass with a fail-over. */
export class NoHostError extends Error {
  override readonly name = 'NoHostError';
  readonly code = 'ECONNREFUSED';
  constructor(wanted: string, failures: readonly unknown[]) {
    const what = wanted === 'any' ? 'answers' : `answers and is ${wanted}`;
    super(`No host of the database ${what}.`, failures.length > 0 ? { cause: failures[0] } : {});
    markDatabaseError(this);
  }
}

/** As much as can be asked of an error, whichever realm made it. */
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

/** Was the database away or too slow? Looks through what other libraries wrapped around it. */
export const isOutage = (error: unknown): boolean => holds(error, isOne);

/** Was there no space on a disk, PostgreSQL's or that of our own files? */
export const isFullDisk = (error: unknown): boolean => holds(error, isFull);

function holds(error: unknown, test: (failure: Failure) => boolean): boolean {
  for (let one = error, depth = 0; isFailure(one) && depth < 5; one = one.cause, depth++) {
    if (test(one)) return true;
    // Every address of a host was tried in vain.
    if (Array.isArray(one.errors) && one.errors.length > 0 && one.errors.every((each) => holds(each, test)))
      return true;
  }
  return false;
}

/** Did the server itself refuse the query? Then the fault is in the query. */
export const isRefusal = (error: unknown): boolean =>
  isFailure(error) && error.severity !== undefined && !isOutage(error) && !isFullDisk(error);

/** A quota comes as an internal error, and a failed flush as an error of the device: their words tell. */
const fullWords = /No space left on device|Disk quota exceeded|Check free disk space/i;

function isFull({ message, code, severity }: Failure): boolean {
  if (severity !== undefined) return code === '53100' || fullWords.test(message);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function isOne({ message, code, syscall, severity, isDatabaseError: isOurs }: Failure): boolean {
  if (typeof code !== 'string') return driverWords.test(message);
  if (severity !== undefined) return states.has(code) || states.has(code.slice(0, 2));
  if (isOurs !== true) return false;
  // A socket of this machine that is not there.
  if (code === 'ENOENT') return syscall === 'connect';
  return networkCodes.has(code) && (typeof syscall !== 'string' || networkCalls.has(syscall));
}
