import { type TimeLimits, timeLimits } from '../limits.js';

const tenMinutes = 600_000;

/**
 * For all specs of a process: on a busy machine making a connection, and waiting for a free one, may take any time. Limits
 * of the server and of an answer stay; specs that are about a limit set their own.
 */
export function allowSlowConnections(): void {
  for (const limits of Object.values<{ -readonly [key in keyof TimeLimits]: TimeLimits[key] }>(timeLimits)) {
    limits.connectMs = tenMinutes;
    limits.waitMs = tenMinutes;
  }
}
