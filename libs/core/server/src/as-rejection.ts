import { type Rejection, RejectionError } from '@daybook/kernel';

/** Turns a thrown rejection back into a value; anything else stays an exception. */
export function asRejection(error: unknown): Rejection {
  if (error instanceof RejectionError) return error.rejection;
  throw error;
}
