import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canMount, smallDisk } from '@daybook/postgres/testing/small-disk';

interface DataFolder {
  readonly secret: string;
  remember(facts: object): void;
  release(): void;
}
interface Folders {
  takeDataFolder(path: string, options: { fresh: boolean }): DataFolder;
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

  it('6.3.2 has a random password of its own in every installation, kept until it was used', async () => {
    const [one, other] = [await loginIn(), await loginIn()];
    for (const { path, first, again } of [one, other]) {
      expect(first.password).toMatch(/^[\w-]{16}$/);
      expect(again).toEqual(first);
      expect(readFileSync(join(path, 'login'), 'utf8').trim()).toBe(first.password);
    }
    expect(one.first.password).not.toBe(other.first.password);
  });

  it('is what the operator sets, where he does', async () => {
    const env = { DAYBOOK_ADMIN_EMAIL: 'kari@example.org', DAYBOOK_ADMIN_PASSWORD: 'a long password' };
    const { first } = await loginIn(env);
    expect(first).toEqual({ email: 'kari@example.org', password: 'a long password', chosen: true });
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

  it('is refused with an empty secret, from which every key would follow', async () => {
    const { takeDataFolder } = (await import(script)) as Folders;
    const path = mkdtempSync(join(tmpdir(), 'daybook-folder-'));
    takeDataFolder(path, { fresh: false }).release();
    writeFileSync(join(path, 'secret'), '');
    expect(() => takeDataFolder(path, { fresh: false })).toThrow(/secret is empty\. Restore it/);
    rmSync(path, { recursive: true });
  });
});
