import { StoreUnavailable, type Unavailability } from '@daybook/event-store';
import { reject, type Rejection } from '@daybook/kernel';
import { isFullDisk, isOutage } from '@daybook/postgres';
import { LogReplaced } from '@daybook/projections';

/** Retry-After in seconds; a restart of a server takes a few. */
const retryAfterSeconds = 2;

const away = reject(
  'platform.store-unavailable',
  'The event store cannot be reached. Try again in a moment; repeat a command with the same Idempotency-Key, so that nothing is written twice.',
  { status: 503, details: { retryAfterSeconds } },
);
const database = reject(
  'platform.unavailable',
  'The database cannot be reached or does not respond in time. Try again in a moment; repeat a command with the same Idempotency-Key, so that nothing is written twice.',
  { status: 503, details: { retryAfterSeconds } },
);
/** Retry later, since a person has to free the space. */
const storageFull = reject(
  'platform.storage-full',
  'A disk is full: nothing can be written until there is space again. Reading still works. Try again later; repeat a command with the same Idempotency-Key.',
  { status: 503, details: { retryAfterSeconds: 30 } },
);
const logReplaced = reject(
  'platform.log-replaced',
  'The event log of this server is not the one that its read models were built from. Nothing is shown or written until the operator has fixed this.',
  { status: 503, details: { retryAfterSeconds: 30 } },
);
const storeRejections: Readonly<Record<Unavailability, Rejection>> = {
  unreachable: away,
  silent: away,
  denied: away,
  full: storageFull,
};

/**
 * The rejection for an error that means that a backend is unavailable for now; null for all others, which are bugs. Used only
 * where a response leaves the program (REST, GraphQL, live), since a job must retry.
 */
export function unavailableRejection(error: unknown): Rejection | null {
  // With the log in PostgreSQL, it is the database that is unavailable.
  if (error instanceof StoreUnavailable) return isOutage(error.cause) ? database : storeRejections[error.why];
  if (error instanceof LogReplaced) return logReplaced;
  if (isFullDisk(error)) return storageFull;
  return isOutage(error) ? database : null;
}

/**
 * Is the error unrelated to the job that hit it? Then the job waits, however long, without using up an attempt. An outage of
 * the database does count, since it cannot be told from a query that takes too long.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof StoreUnavailable || unavailableRejection(error) === logReplaced || unavailableRejection(error) === storageFull; // prettier-ignore
