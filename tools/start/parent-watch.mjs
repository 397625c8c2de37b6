import { readFileSync } from 'node:fs';

/** Parent and name of a process, from /proc; null where there is none. */
function look(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(after[1]), name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')) };
  } catch {
    return null;
  }
}

/**
 * Calls `gone` when the parent ended without a signal: the Node that switched to this one (its IPC channel closes), or
 * npm (this process then gets another parent).
 */
export function whenParentEnds(gone) {
  if (process.channel) {
    process.once('disconnect', gone);
    process.channel.unref();
  }
  if (!process.env.npm_lifecycle_event) return () => undefined;
  // npm -> sh -> node, or npm -> node if the shell execs it.
  const watched = [process.pid, process.ppid].filter((pid, i) => i === 0 || /^(da|ba)?sh$/.test(look(pid)?.name ?? ''));
  const parents = watched.map((pid) => look(pid)?.parent);
  if (parents.includes(undefined)) return () => undefined;
  const timer = setInterval(() => {
    if (watched.some((pid, i) => look(pid)?.parent !== parents[i])) gone();
  }, 500);
  timer.unref();
  return () => clearInterval(timer);
}
