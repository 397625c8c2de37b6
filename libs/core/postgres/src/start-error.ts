/** Why the embedded database did not start, as a message for the operator. */
export type DatabaseStartCode =
  | 'no-binaries'
  | 'foreign-data'
  | 'newer-data'
  | 'older-data'
  | 'data-in-use'
  | 'not-permitted'
  | 'folder-not-accessible'
  | 'binaries-not-accessible'
  | 'cannot-drop-root'
  | 'read-only-disk'
  | 'full-disk'
  | 'port-in-use'
  | 'failed';

export class DatabaseStartError extends Error {
  override readonly name = 'DatabaseStartError';
  constructor(
    readonly code: DatabaseStartCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const byErrno: Readonly<Record<string, DatabaseStartCode>> = {
  EROFS: 'read-only-disk',
  ENOSPC: 'full-disk',
  EDQUOT: 'full-disk',
  EACCES: 'not-permitted',
  EPERM: 'not-permitted',
  ENOTDIR: 'foreign-data',
  EEXIST: 'foreign-data',
};
const byWords: readonly (readonly [RegExp, DatabaseStartCode])[] = [
  [/No space left on device|Disk quota exceeded|Check free disk space/i, 'full-disk'],
  [/Read-only file system/i, 'read-only-disk'],
  [/Address already in use|could not bind/i, 'port-in-use'],
  [/lock file "postmaster\.pid" already exists|is another postmaster|pre-existing shared memory block/i, 'data-in-use'],
  [/Permission denied|wrong ownership|Operation not permitted/i, 'not-permitted'],
];
const sentences: Readonly<Record<DatabaseStartCode, (dataDir: string) => string>> = {
  'no-binaries': () => 'No PostgreSQL for this platform is installed. Run npm ci again, or set DATABASE_URL.',
  'foreign-data': (dir) => `${dir} holds something that is not a Daybook database. Choose another data directory.`,
  'newer-data': (dir) => `${dir} was written by a newer PostgreSQL than this Daybook brings. Use a newer Daybook.`,
  'older-data': (dir) =>
    `${dir} was written by an older PostgreSQL. Dump it with the Daybook that wrote it and restore.`,
  'data-in-use': (dir) => `Another Daybook is running on ${dir}. Stop it, or choose another data directory.`,
  'not-permitted': (dir) =>
    `The database may not read or write ${dir}. It may belong to another user. Choose another folder with --data.`,
  'folder-not-accessible': (folder) =>
    `PostgreSQL does not run as root but as nobody, who may not enter ${folder}, where its data lies, and this system ` +
    'allows no exception. Choose a folder that others may enter with --data, or start Daybook as an ordinary user.',
  'binaries-not-accessible': (folder) =>
    `PostgreSQL does not run as root but as nobody, who may not enter ${folder}, where its programs lie, and this ` +
    'system allows no exception. Move Daybook to a folder that others may enter (its data too, or choose another folder ' +
    'for them with --data), or start it as an ordinary user.',
  'cannot-drop-root': () =>
    'PostgreSQL does not run as root, and this system does not let root run it as nobody. ' +
    'Start Daybook as an ordinary user.',
  'read-only-disk': (dir) => `${dir} is on a read-only disk. Choose a data directory that can be written.`,
  'full-disk': (dir) => `The disk that holds ${dir} is full. Free some space and start again.`,
  'port-in-use': () => 'The port of the embedded database is taken by another program.',
  failed: (dir) => `The embedded database on ${dir} did not start.`,
};

export const startError = (code: DatabaseStartCode, dataDir: string, cause?: unknown): DatabaseStartError =>
  new DatabaseStartError(code, sentences[code](dataDir), { cause });

/** From a failed system call, or from what PostgreSQL wrote before it gave up. */
export function startErrorFrom(failure: unknown, dataDir: string): DatabaseStartError {
  if (failure instanceof DatabaseStartError) return failure;
  const errno = byErrno[(failure as NodeJS.ErrnoException).code ?? ''];
  if (errno) return startError(errno, dataDir, failure);
  const words = String(failure instanceof Error ? failure.message : failure);
  const code = byWords.find(([pattern]) => pattern.test(words))?.[1] ?? 'failed';
  const error = startError(code, dataDir, failure);
  return code === 'failed' ? new DatabaseStartError(code, `${error.message} It said:\n${words.trim()}`) : error;
}
