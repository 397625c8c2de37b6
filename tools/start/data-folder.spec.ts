import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataFormat } from '@daybook/kernel/data-format';
import { canMount, smallDisk } from '@daybook/postgres/testing/small-disk';

interface DataFolder {
  readonly secret: string;
  remember(facts: object): void;
  release(): void;
}
interface Folders {
  takeDataFolder(path: string, options: { fresh: boolean; databaseUrl?: string }): DataFolder;
  requireFormat(path: string): void;
  firstLogin(folder: DataFolder, env: object): { email: string; password: string | null; chosen?: boolean };
}

describe('the first login of a data folder', () => {
  const made: string[] = [];
  afterAll(() => made.forEach((path) => rmSync(path, { recursive: true, force: true })));
  const script = new URL('data-folder.mjs', import.meta.url).href;
  const folders = async () => (await import(script)) as Folders;
  const loginIn = async (env: object = {}) => {
    const { takeDataFolder, firstLogin } = await folders();
    const path = mkdtempSync(join(tmpdir(), 'daybook-folder-'));
    made.push(path);
    const folder = takeDataFolder(path, { fresh: false });
    const [first, again] = [firstLogin(folder, env), firstLogin(folder, env)];
    folder.release();
    return { path, first, again };
  };

  it('6.3.2 has a random password per installation, kept until it was used', async () => {
    const [one, other] = [await loginIn(), await loginIn()];
    for (const { path, first, again } of [one, other]) {
      expect(first.password).toMatch(/^[\w-]{16}$/);
      expect(again).toEqual(first);
      expect(readFileSync(join(path, 'login'), 'utf8').trim()).toBe(first.password);
    }
    expect(one.first.password).not.toBe(other.first.password);
  });

  it('is what the operator sets, if they do', async () => {
    const env = { DAYBOOK_ADMIN_EMAIL: 'kari@example.org', DAYBOOK_ADMIN_PASSWORD: 'a long password' };
    const { first } = await loginIn(env);
    expect(first).toEqual({ email: 'kari@example.org', password: 'a long password', chosen: true });
  });
});

describe('a data folder of another version', () => {
  const script = new URL('data-folder.mjs', import.meta.url).href;
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'daybook-folder-'));
    for (const name of ['postgres', 'files']) mkdirSync(join(path, name));
    for (const name of ['secret', 'login', 'postgres/PG_VERSION', 'files/a']) writeFileSync(join(path, name), name);
  });
  afterEach(() => rmSync(path, { recursive: true }));
  const writtenIn = (format: number) =>
    writeFileSync(
      join(path, 'daybook.json'),
      JSON.stringify({ format, login: { email: 'kari@example.org' }, demo: true }),
    );
  /** Every file with its content, and when file or folder was changed last. */
  const everything = () =>
    [path, ...readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))].map((name) => {
      const stat = statSync(name);
      return [name, stat.mtimeMs, stat.ctimeMs, stat.isFile() ? readFileSync(name, 'utf8') : null];
    });
  const older =
    'This data was written by Daybook 0.1, which this version cannot read. Use another folder (--data), or --fresh to throw it away; import your SAF-T files again.';

  it('is refused unchanged when it is older, with what to do', async () => {
    const { takeDataFolder, requireFormat } = (await import(script)) as Folders;
    writtenIn(1);
    const before = everything();
    expect(() => takeDataFolder(path, { fresh: false })).toThrow(new Error(older));
    expect(() => requireFormat(path)).toThrow(new Error(older));
    expect(() => takeDataFolder(path, { fresh: false, databaseUrl: 'postgresql://a/b' })).toThrow(
      /cannot read\. Use another folder \(--data\) and another DATABASE_URL; import your SAF-T files again\.$/,
    );
    expect(everything()).toEqual(before);
  });

  it('is refused when it is newer, even with --fresh', async () => {
    const { takeDataFolder, requireFormat } = (await import(script)) as Folders;
    writtenIn(dataFormat + 1);
    const before = everything();
    for (const fresh of [true, false])
      expect(() => takeDataFolder(path, { fresh })).toThrow(/by a newer Daybook\. Use that one/);
    expect(() => requireFormat(path)).toThrow(/by a newer Daybook/);
    expect(everything()).toEqual(before);
  });

  it('is emptied by --fresh when it is older, and gets the present format and new secrets', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    writtenIn(1);
    const folder = takeDataFolder(path, { fresh: true });
    expect(JSON.parse(readFileSync(join(path, 'daybook.json'), 'utf8'))).toEqual({ format: dataFormat });
    expect(readdirSync(path).sort()).toEqual(['daybook.json', 'lock', 'logs', 'secret']);
    expect(folder.secret).not.toBe('secret');
    folder.release();
  });

  it('has no login noted any more when --fresh is interrupted halfway, so that nobody is locked out', async () => {
    writtenIn(dataFormat);
    const interrupted = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { rmSync } = fs;
      fs.rmSync = (...given) => (rmSync(...given), given[0].endsWith('postgres') && process.exit(7));
      syncBuiltinESMExports();
      const { takeDataFolder } = await import(${JSON.stringify(script)});
      takeDataFolder(${JSON.stringify(path)}, { fresh: true });`;
    const env = { ...process.env, NODE_OPTIONS: '' };
    expect(spawnSync(process.execPath, ['--input-type=module', '-e', interrupted], { env }).status).toBe(7);
    expect(readdirSync(path)).not.toContain('postgres');
    expect(JSON.parse(readFileSync(join(path, 'daybook.json'), 'utf8'))).toEqual({ format: dataFormat });
  });

  it('stays locked while its owner locks it once more', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    writtenIn(dataFormat);
    // With a line end, to tell it from one that was written anew.
    writeFileSync(join(path, 'lock'), `${process.pid}\n`);
    takeDataFolder(path, { fresh: false });
    expect(readFileSync(join(path, 'lock'), 'utf8')).toBe(`${process.pid}\n`);
  });

  it('is left alone by --fresh while Daybook runs on it', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    writtenIn(1);
    // A process whose command line looks like a running start.
    const running = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'tools/start/']);
    await once(running, 'spawn');
    writeFileSync(join(path, 'lock'), String(running.pid));
    const before = everything();
    expect(() => takeDataFolder(path, { fresh: true })).toThrow(/Daybook is already running on/);
    expect(everything()).toEqual(before);
    running.kill();
  });
});

const withDisk = canMount ? it : it.skip; // mounting takes rights that not every machine gives

describe('a data folder on a disk that is full', () => {
  const script = new URL('data-folder.mjs', import.meta.url).href;

  withDisk('is still ours afterwards, with the secret and all that was noted', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    const disk = smallDisk(256);
    const path = join(disk.path, 'data');
    disk.fill();
    expect(() => takeDataFolder(path, { fresh: false })).toThrow(/^The disk that holds .* is full/);
    disk.empty();
    const folder = takeDataFolder(path, { fresh: false });
    folder.remember({ login: { email: 'kari@example.org' } });
    const noted = readFileSync(join(path, 'daybook.json'), 'utf8');
    disk.fill();
    expect(() => folder.remember({ demo: true })).toThrow(/^The disk that holds .* is full/);
    expect(readFileSync(join(path, 'daybook.json'), 'utf8')).toBe(noted);
    folder.release();
    disk.empty();
    const again = takeDataFolder(path, { fresh: false });
    expect(again.secret).toBe(folder.secret);
    again.release();
    disk.remove();
  });

  it('is refused with an empty secret, from which every key would derive', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    const path = mkdtempSync(join(tmpdir(), 'daybook-folder-'));
    takeDataFolder(path, { fresh: false }).release();
    writeFileSync(join(path, 'secret'), '');
    expect(() => takeDataFolder(path, { fresh: false })).toThrow(/secret is empty\. Restore it/);
    rmSync(path, { recursive: true });
  });
});
