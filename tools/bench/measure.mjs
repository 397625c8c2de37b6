import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The middle value; the mean of the middle two of an even number. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Calls `once(n)` with so many in flight for so many seconds, after a warm-up of a fifth of it. Time in milliseconds. */
export async function load({ inFlight, seconds, once, cpu }) {
  await flight(inFlight, seconds / 5, once);
  const before = cpu();
  const started = performance.now();
  const times = await flight(inFlight, seconds, once);
  const elapsed = (performance.now() - started) / 1_000;
  return { operations: times.length, seconds: elapsed, p50: median(times), cpu: difference(before, cpu()) };
}

async function flight(inFlight, seconds, once) {
  const times = [];
  const end = performance.now() + seconds * 1_000;
  const one = async (n) => {
    for (let now = performance.now(); now < end;) {
      await once(n);
      times.push(-(now - (now = performance.now())));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, n) => one(n)));
  return times;
}

/**
 * CPU seconds so far, of this process with the children it has waited for, and of PostgreSQL with all its processes; null where
 * there is no /proc.
 */
export function cpuOf(postmaster) {
  if (!existsSync('/proc/self/stat')) return { client: null, server: null };
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === postmaster);
  const server = statOf(postmaster).used + children.reduce((sum, pid) => sum + (statOf(pid)?.used ?? 0), 0);
  return { client: statOf('self').used, server };
}

/** Its parent, and the CPU seconds of it and of its children that have ended. */
function statOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return {
      parent: Number(fields[1]),
      used: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100,
    };
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

export const difference = (before, after) =>
  Object.fromEntries(Object.entries(after).map(([who, used]) => [who, used === null ? null : used - before[who]]));
