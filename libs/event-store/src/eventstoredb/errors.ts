import { ErrorType, isCommandError, type CommandError, type WrongExpectedVersionError } from '@eventstore/db-client';

const fatal: readonly string[] = [ErrorType.ACCESS_DENIED, ErrorType.INVALID_ARGUMENT, ErrorType.UNSUPPORTED];

const typeOf = (error: unknown): CommandError['type'] | null =>
  error instanceof Error && isCommandError(error) ? error.type : null;

/** Trying again would not help. */
export const isFatal = (error: unknown): boolean => fatal.includes(typeOf(error) ?? '');
export const isUnavailable = (error: unknown): boolean => typeOf(error) === ErrorType.UNAVAILABLE;
export const isStreamNotFound = (error: unknown): boolean => typeOf(error) === ErrorType.STREAM_NOT_FOUND;
export const isWrongVersion = (error: unknown): error is WrongExpectedVersionError =>
  typeOf(error) === ErrorType.WRONG_EXPECTED_VERSION;
