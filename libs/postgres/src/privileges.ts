import { chownSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/*
 * PostgreSQL refuses to run as root. Started by root, it runs as `nobody`, which cannot enter folders such as /root;
 * where that matters `setpriv` (util-linux) leaves it the one capability that opens folders.
 */
const nobody = 65_534;

export interface Privileges {
  /** Put before the command. */
  readonly prefix: readonly string[];
  readonly spawn: { readonly uid?: number; readonly gid?: number };
  /** Gives a file or folder to the account PostgreSQL runs under. */
  own(path: string): void;
}

export function privilegesFor(paths: readonly string[]): Privileges {
  if (process.getuid?.() !== 0) return { prefix: [], spawn: {}, own: () => undefined };
  const own = (path: string): void => chownSync(path, nobody, nobody);
  if (paths.every(openToAll)) return { prefix: [], spawn: { uid: nobody, gid: nobody }, own };
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync);
  if (!setpriv) return { prefix: [], spawn: { uid: nobody, gid: nobody }, own };
  const ids = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];
  const folders = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { prefix: [setpriv, ...ids, ...folders], spawn: {}, own };
}

/** May anybody enter every folder above? */
function openToAll(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (!(statSync(folder).mode & 0o001)) return false;
    if (folder === dirname(folder)) return true;
  }
}
