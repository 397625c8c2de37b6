import { StoreUnavailable } from '@daybook/event-store';
import { isFullDisk, isOutage } from '@daybook/postgres';

/*
 * Two kinds of errors. An event that cannot be applied fails on every attempt: it parks its partition. A lost connection, a full
 * disk or a missing table is not caused by the event: the batch is retried later.
 */
const infrastructureStates = /^(08|25|26|40|42|53|55|57|58|XX)/;

export function isInfrastructureError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof StoreUnavailable || isOutage(error) || isFullDisk(error)) return true;
  if (error instanceof AggregateError) return error.errors.some(isInfrastructureError);
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'number') return true; // gRPC status of a store that cannot be reached
  if (typeof code === 'string') return /^E[A-Z]{3}/.test(code) || infrastructureStates.test(code);
  return error.name === 'AbortError' || error.message.startsWith('Cannot use a pool');
}

/** Did something that a command needs fail (event store, database, disk), rather than the command itself? */
export const isOutsideError = (error: unknown): boolean =>
  error instanceof StoreUnavailable || isOutage(error) || isFullDisk(error);

/** PostgreSQL's message about an invalid value ends with the value, which may be personal: `… for type date: "Kari"`. */
const withoutValue = (error: Error): string =>
  /^22/.test(String((error as { code?: unknown }).code)) ? error.message.replace(/: ".*$/s, '') : error.message;

/** One line for people; never a stack trace, nor what a row or an event holds. */
export const describeError = (error: unknown): string =>
  (error instanceof Error ? withoutValue(error) : String(error)).split('\n')[0]!.slice(0, 1000);
