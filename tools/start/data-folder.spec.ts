import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface DataFolder {
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
