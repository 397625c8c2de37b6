/*
 * The data folder: `daybook.json` marks it as ours, `lock` names the process that uses it, `secret` is what all keys
 * are derived from, `login.json` the first login; `postgres/`, `files/` and `logs/` hold the rest.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explained, StartError } from './start-error.mjs';

/** Raised when an older Daybook could no longer read the folder. */
const format = 1;

/** Takes the folder for this process, and makes it if it is new. */
export function takeDataFolder(path, { fresh }) {
  try {
    return take(path, fresh);
  } catch (error) {
    throw explained(error, path);
  }
}

function take(path, fresh) {
  makeFolder(path);
  checkOurs(path);
  lock(path);
  if (fresh) {
    for (const name of readdirSync(path)) {
      if (name !== 'lock' && name !== 'daybook.json') rmSync(join(path, name), { recursive: true, force: true });
    }
    writeNote(path, { format });
  }
  const isNew = !existsSync(join(path, 'daybook.json'));
  if (isNew) writeNote(path, { format });
  mkdirSync(join(path, 'logs'), { recursive: true });
  return {
    path,
    secret: kept(join(path, 'secret'), () => randomBytes(32).toString('base64url')),
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

/** One after another: a recursive mkdir says ENOENT where it means a read-only disk. */
function makeFolder(path) {
  try {
    mkdirSync(path);
  } catch (error) {
    if (error.code === 'EEXIST') return;
    if (error.code !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    mkdirSync(path);
  }
}

function checkOurs(path) {
  const inside = readdirSync(path).filter((name) => name !== 'lock' && name !== 'daybook.json.new');
  if (inside.length === 0) return;
  const note = readNote(path);
  if (note === null) {
    throw new StartError(`${path} holds something that is not Daybook's. Choose another folder with --data.`);
  }
  if (note.format > format) {
    throw new StartError(`${path} was written by a newer Daybook. Use that one, or another folder with --data.`);
  }
}

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
 * In a file beside, renamed when it is on the disk: a disk that fills up in the midst of it leaves what was there, and
 * never half of it.
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

/** A secret text that is made once and then kept. */
function kept(file, make) {
  if (!existsSync(file)) writeWhole(file, make(), 0o600);
  const text = readFileSync(file, 'utf8').trim();
  if (text === '')
    throw new StartError(`${file} is empty. Restore it from a backup, or remove it with everything beside it.`);
  return text;
}

function lock(path) {
  const file = join(path, 'lock');
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid !== process.pid && runs(pid)) {
      throw new StartError(`Daybook is already running on ${path} (process ${pid}). Stop it, or use another --data.`);
    }
    rmSync(file, { force: true });
    writeFileSync(file, String(process.pid), { flag: 'wx' });
  }
}

/** Is that process a Daybook? Its number may meanwhile belong to another program. */
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

/** The first login of this data folder: the environment's, else one with a random password. */
export function firstLogin(folder, env) {
  const known = folder.note().login;
  const email = env.DAYBOOK_ADMIN_EMAIL || known?.email || 'admin@daybook.local';
  const file = join(folder.path, 'login');
  if (known) return { email: known.email, password: existsSync(file) ? readFileSync(file, 'utf8').trim() : null };
  if (env.DAYBOOK_ADMIN_PASSWORD) return { email, password: env.DAYBOOK_ADMIN_PASSWORD, chosen: true };
  return { email, password: kept(file, () => randomBytes(12).toString('base64url')) };
}
