import { copyFileSync, statSync, truncateSync } from 'node:fs';

/** A log may be this long, and the one before it. */
export const mostLogBytes = 20_000_000;
const lookEveryMs = 5_000;

/**
 * Begins a log anew once it is too long; what it held is in `.1`. It is emptied in place, because its program has it open and
 * appends. What cannot be kept, on a disk that is full, stays where it is.
 */
export function boundLog(log, most = mostLogBytes) {
  try {
    if (statSync(log).size <= most) return;
    copyFileSync(log, `${log}.1`);
    truncateSync(log);
  } catch {
    // Not there yet, or no space for a copy: the next look may find it otherwise.
  }
}

/** Looks at the log again and again, without keeping the process alive. */
export const keepBounded = (log) => void setInterval(() => boundLog(log), lookEveryMs).unref();
