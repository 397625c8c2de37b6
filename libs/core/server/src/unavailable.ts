import { StoreUnavailable, type Unavailability } from '@daybook/event-store';
import { reject, type Rejection } from '@daybook/kernel';
import { isFullDisk, isOutage } from '@daybook/postgres';
import { LogReplaced } from '@daybook/projections';

/** When to come again; a restart of a server takes a few seconds. */
const retryAfterSeconds = 2;

const away = reject(
  'platform.store-unavailable',
  'The event store cannot be reached just now. Try again in a moment, a command with the same Idempotency-Key: nothing is written twice.',
  { status: 503, details: { retryAfterSeconds } },
);
const database = reject(
  'platform.unavailable',
  'The database cannot be reached or does not answer in time. Try again in a moment, a command with the same Idempotency-Key: nothing is written twice.',
  { status: 503, details: { retryAfterSeconds } },
);
/** A person frees the space. */
const storageFull = reject(
  'platform.storage-full',
  'A disk is full: nothing can be written until there is space again. Reading goes on. Try again then, a command with the same Idempotency-Key.',
  { status: 503, details: { retryAfterSeconds: 30 } },
);
const exchanged = reject(
  'platform.log-replaced',
  'The event log behind this server is not the one that its data was made from. Nothing is shown or written until its operator has put that right.',
  { status: 503, details: { retryAfterSeconds: 30 } },
);
const storeRejections: Readonly<Record<Unavailability, Rejection>> = {
  unreachable: away,
  silent: away,
  denied: away,
  full: storageFull,
};

/**
 * What a caller is told of an error that says that a server behind us cannot be used for now; null for all others, which
 * are bugs. Asked where an answer leaves the program (REST, GraphQL, live), never inside: a job must try again.
 */
export function unavailableRejection(error: unknown): Rejection | null {
  // The log in PostgreSQL: callers need not know two names for one database.
  if (error instanceof StoreUnavailable) return isOutage(error.cause) ? database : storeRejections[error.why];
  if (error instanceof LogReplaced) return exchanged;
  if (isFullDisk(error)) return storageFull;
  return isOutage(error) ? database : null;
}

/**
 * Does the error say nothing of the job that met it? It then waits, however long. An outage of the database counts as an
 * attempt: a question that takes too long is one, too.
 */
export const isPassing = (error: unknown): boolean =>
  error instanceof StoreUnavailable || unavailableRejection(error) === exchanged || unavailableRejection(error) === storageFull; // prettier-ignore
