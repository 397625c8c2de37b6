import { type TimeLimits, timeLimits } from '../limits.js';

const tenMinutes = 600_000;

/**
 * For all specs of a process: on a busy machine, connecting and waiting for a free connection may take long. The limits of
 * the server and of an answer stay; specs about a limit set their own.
 */
export function allowSlowConnections(): void {
  for (const limits of Object.values<{ -readonly [key in keyof TimeLimits]: TimeLimits[key] }>(timeLimits)) {
    limits.connectMs = tenMinutes;
    limits.waitMs = tenMinutes;
  }
}
