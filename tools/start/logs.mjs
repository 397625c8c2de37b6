import { copyFileSync, statSync, truncateSync } from 'node:fs';

/** Largest size of a log, and of the one before it. */
export const maxLogBytes = 20_000_000;
const checkEveryMs = 5_000;

/**
 * Rotates a log that is too long: copies it to `.1` and truncates it in place, because its program has it open and
 * appends. On a full disk the log stays as it is.
 */
export function boundLog(log, most = maxLogBytes) {
  try {
    if (statSync(log).size <= most) return;
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
  } catch {
    // Not there yet, or no space for a copy: the next look may find it otherwise.
  }
}

/** Checks the log regularly, without keeping the process alive. */
export const keepBounded = (log) => void setInterval(() => boundLog(log), checkEveryMs).unref();
