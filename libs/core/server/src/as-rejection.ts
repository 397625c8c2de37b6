import { type Rejection, RejectionError } from '@daybook/kernel';

/** A rejection that was thrown out of asynchronous code is a value again; anything else stays a bug. */
export function asRejection(error: unknown): Rejection {
  if (error instanceof RejectionError) return error.rejection;
  throw error;
}
