import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const source = ['--import', place('../source.mjs')];

const run = async (args: string[]) => {
  const child = spawn(process.execPath, [...source, ...args], { env: { PATH: process.env['PATH'] ?? '' } });
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const [out, err, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, status };
};

describe('a data folder whose Daybook refuses the log and does not run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-folder-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('gets new read models from the log in a database started just for that', async () => {
    const made = await run([
      '--input-type=module',
      '--eval',
      `const { takeDataFolder } = await import('${place('../start/data-folder.mjs')}');
       const { startEmbedded } = await import('@daybook/postgres');
       const taken = takeDataFolder('${folder}', { fresh: false });
       await (await startEmbedded({ dataDir: '${join(folder, 'postgres')}' })).stop();
       taken.release();`,
    ]);
    expect(made).toMatchObject({ status: 0 });
    const rebuild = [
      place('daybook.mjs'),
      'projections',
      'rebuild',
      '--from-this-log',
      '--yes',
      '--json',
      '--data',
      folder,
    ];
    const { out, status } = await run(rebuild);
    expect(status).toBe(0);
    // An empty log, which has been given its identity.
    expect(JSON.parse(out)).toEqual({ log: expect.any(String), dropped: 0, head: '1' });
    const left = readdirSync(folder);
    expect(left).not.toContain('lock');
    expect(existsSync(join(folder, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
  }, 120_000);
});
