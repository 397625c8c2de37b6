/*
 * The data folder: `daybook.json` marks it as ours, `lock` names the process that uses it, `secret` is what all keys
 * are derived from, `login.json` the first login; `postgres/`, `files/` and `logs/` hold the rest.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import formats from '../../libs/core/kernel/data-formats.json' with { type: 'json' };
import { setting } from './options.mjs';
import { explained, StartError } from './start-error.mjs';

/** Data formats with the version that introduced each (docs/adr/0049); the last one is this program's. */
const format = Number(Object.keys(formats).at(-1));

/**
 * Locks the folder for this process, and creates it if it is new; nothing in it is deleted or changed. Data of another version
 * is refused.
 */
export function lockDataFolder(path, { fresh, databaseUrl = null }) {
  try {
    claim(path, { fresh, isEmbedded: databaseUrl === null });
  } catch (error) {
    throw explained(error, path);
  }
  return {
    note: () => readNote(path) ?? { format },
    /** The stored one; null before the first start. */
    secret: () => read(join(path, 'secret')),
    release: () => rmSync(join(path, 'lock'), { force: true }),
  };
}

/** Locks the folder too, and empties it for `fresh`. */
export function takeDataFolder(path, { fresh, databaseUrl = null, secret = null }) {
  try {
    return take(path, { fresh, isEmbedded: databaseUrl === null, secret });
  } catch (error) {
    throw explained(error, path);
  }
}

function claim(path, { fresh, isEmbedded }) {
  makeFolder(path);
  requireOurs(path);
  const found = formatOf(path);
  if (found > format || (found < format && !fresh)) throw otherFormat(path, found, isEmbedded);
  lock(path);
}

function take(path, { fresh, isEmbedded, secret }) {
  claim(path, { fresh, isEmbedded });
  if (fresh) {
    // First: interrupted halfway, it must not leave a login noted whose database is gone.
    writeNote(path, { format });
    for (const name of readdirSync(path)) {
      if (name !== 'lock' && name !== 'daybook.json') rmSync(join(path, name), { recursive: true, force: true });
    }
  }
  const isNew = !existsSync(join(path, 'daybook.json'));
  if (isNew) writeNote(path, { format });
  mkdirSync(join(path, 'logs'), { recursive: true });
  return {
    path,
    secret: secret ?? kept(join(path, 'secret'), () => randomBytes(32).toString('base64url')),
    note: () => readNote(path),
    remember: (facts) => {
      try {
        writeNote(path, { ...readNote(path), ...facts });
      } catch (error) {
        throw explained(error, path);
      }
    },
    release: () => rmSync(join(path, 'lock'), { force: true }),
  };
}

/** One level at a time: a recursive mkdir reports ENOENT for a read-only disk. */
function makeFolder(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return;
    // The parent is missing. Some file systems (/proc) allow no folders, and report that in the same way.
    if (error.code !== 'ENOENT' || existsSync(dirname(path))) throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}

function requireOurs(path) {
  const inside = readdirSync(path).filter((name) => name !== 'lock' && name !== 'daybook.json.new');
  if (inside.length > 0 && readNote(path) === null) {
    throw new StartError(`${path} contains files that are not Daybook's. Choose another folder with --data.`);
  }
}

/** A new folder gets the present format. */
const formatOf = (path) => readNote(path)?.format ?? format;

/** For tools that work on a folder without locking it. */
export function requireFormat(path) {
  const found = formatOf(path);
  if (found !== format) throw otherFormat(path, found);
}

/** --fresh does not empty a database of the operator's own. */
export const otherFormat = (path, found, isEmbedded = true) =>
  new StartError(
    found > format
      ? `${path} was written by a newer Daybook. Use that one, or another folder with --data.`
      : `This data was written by Daybook ${formats[found]}, which this version cannot read. Use another folder (--data)` +
          `${isEmbedded ? ', or --fresh to throw it away' : ' and another DATABASE_URL'}; import your SAF-T files again.`,
  );

function readNote(path) {
  let note;
  try {
    note = JSON.parse(readFileSync(join(path, 'daybook.json'), 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
  return Number.isInteger(note?.format) ? note : null;
}
const writeNote = (path, note) => writeWhole(join(path, 'daybook.json'), `${JSON.stringify(note, null, 2)}\n`, 0o644);

/**
 * Writes a new file and renames it once it is on the disk, so that a disk that fills up leaves the old content and never
 * half of the new.
 */
function writeWhole(file, text, mode) {
  const unfinished = `${file}.new`;
  try {
    writeFileSync(unfinished, text, { mode, flush: true });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/** A secret that is generated once and then kept. */
function kept(file, make) {
  if (!existsSync(file)) writeWhole(file, make(), 0o600);
  return read(file);
}

/** A secret that is kept; null for none. */
function read(file) {
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').trim();
  if (text === '') throw new StartError(`${file} is empty. Restore it from a backup, or delete the whole data folder.`);
  return text;
}

function lock(path) {
  const file = join(path, 'lock');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === process.pid) return;
    if (runs(pid)) {
      throw new StartError(`Daybook is already running on ${path} (process ${pid}). Stop it, or use another --data.`);
    }
    rmSync(file, { force: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  }
}

/** Is that process Daybook? Its id may have been reused by another program. */
function runs(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('tools/start/');
  } catch {
    return true;
  }
}

export const defaultEmail = 'admin@daybook.local';

/** The first login of this data folder: from the environment, else with a random password. */
export function firstLogin(folder, env) {
  const known = folder.note().login;
  const email = setting(env, 'DAYBOOK_ADMIN_EMAIL') ?? known?.email ?? defaultEmail;
  const file = join(folder.path, 'login');
  if (known) return { email: known.email, password: existsSync(file) ? readFileSync(file, 'utf8').trim() : null };
  const password = setting(env, 'DAYBOOK_ADMIN_PASSWORD');
  if (password) return { email, password, chosen: true };
  return { email, password: kept(file, () => randomBytes(12).toString('base64url')) };
}
