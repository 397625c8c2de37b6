import { DatabaseError } from 'pg';

/** Connection lost, server starting or stopping, too many connections, deadlock or serialization: worth another try. */
const transientClasses = ['08', '40', '53', '57'];

const network = /ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|terminated|timeout|not queryable/i;

export const isTransient = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? transientClasses.includes(error.code?.slice(0, 2) ?? '')
    : error instanceof Error && network.test(`${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}`);
