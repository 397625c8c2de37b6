import { type Times, times } from '../bounds.js';

const tenMinutes = 600_000;

/**
 * For all specs of a process: on a busy machine making a connection, and waiting for a free one, may take any time. Limits
 * of the server and of an answer stay; specs that are about a limit set their own.
 */
export function waitForConnections(): void {
  for (const limits of Object.values<{ -readonly [key in keyof Times]: Times[key] }>(times)) {
    limits.connectMs = tenMinutes;
    limits.waitMs = tenMinutes;
  }
}
