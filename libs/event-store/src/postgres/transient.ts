import { DatabaseError } from 'pg';

/** Connection lost, server starting or stopping, too many connections, deadlock or serialization: worth another try. */
const transientClasses = ['08', '40', '53', '57'];

export const isTransient = (error: unknown): boolean =>
  error instanceof DatabaseError
    ? transientClasses.includes(error.code?.slice(0, 2) ?? '')
    : error instanceof Error &&
      /ECONN|EPIPE|ETIMEDOUT|terminated|timeout|closed/i.test(`${codeOf(error)} ${error.message}`);

const codeOf = (error: Error): string => String((error as NodeJS.ErrnoException).code ?? '');
