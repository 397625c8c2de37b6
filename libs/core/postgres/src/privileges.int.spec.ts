import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { postgresBinaries, type PostgresBinaries } from './postgres-binaries.js';

interface Outcome {
  readonly status?: string;
  readonly code?: string;
  readonly message?: string;
}

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const asRoot = process.getuid?.() === 0 ? it : it.skip; // anybody else runs PostgreSQL as themselves

/** The default capabilities of root in a Docker container, without those named. */
const dockers = [
  ...['chown', 'dac_override', 'fowner', 'fsetid', 'kill', 'setgid', 'setuid', 'setpcap', 'net_bind_service'],
  ...['net_raw', 'sys_chroot', 'mknod', 'audit_write', 'setfcap'],
];
const container = (...without: string[]): string[] => {
  const kept = dockers.filter((name) => !without.includes(name)).map((name) => `+${name}`);
  return ['setpriv', `--bounding-set=-all,${kept.join()}`, '--inh-caps=-all', '--'];
};

describe('the rights of the embedded database started by root', () => {
  let root: string;
  let closed: string;
  let copy: PostgresBinaries;
  let open: PostgresBinaries;
  const inside = (native: string): PostgresBinaries => ({
    initdb: join(native, 'bin/initdb'),
    postgres: join(native, 'bin/postgres'),
  });
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'daybook-closed-'));
    chmodSync(root, 0o755);
    closed = join(root, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const { postgres } = await postgresBinaries(root);
    cpSync(join(dirname(postgres), '..'), join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    copy = inside(join(closed, 'native'));
    cpSync(join(closed, 'native'), join(root, 'native'), { recursive: true, verbatimSymlinks: true });
    open = inside(join(root, 'native'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  /** Starts the database once in a separate process, under a command that removes privileges. */
  const start = async (options: object, behind: readonly string[] = []): Promise<Outcome> => {
    const fixture = ['--import', place('../../../../tools/source.mjs'), place('testing/starts.fixture.mjs')];
    const [program = '', ...args] = [...behind, process.execPath, ...fixture, JSON.stringify(options)];
    const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, NODE_OPTIONS: '' } });
    return JSON.parse(stdout) as Outcome;
  };
  const rightsOf = ({ status, ...failure }: Outcome): object =>
    status === undefined
      ? failure
      : Object.fromEntries(
          [...status.matchAll(/^(Uid|CapPrm|CapBnd|NoNewPrivs):\s+(\w+)/gm)].map(([, name, value]) => [name, value]),
        );
  const nobody = { Uid: '65534', NoNewPrivs: '1' };
  const readSearch = { CapPrm: '0000000000000004', CapBnd: '0000000000000004' };
  const override = { CapPrm: '0000000000000002', CapBnd: '0000000000000002' };

  asRoot('starts with data and programs below a folder that only root may enter, which stays closed', async () => {
    const dataDir = join(closed, 'data');
    expect(rightsOf(await start({ dataDir, programs: copy }))).toEqual({ ...nobody, ...readSearch });
    // Once more on the existing data.
    expect(rightsOf(await start({ dataDir, programs: copy }))).toEqual({ ...nobody, ...readSearch });
    expect(statSync(closed).mode & 0o777).toBe(0o700);
    expect(readdirSync(dataDir).sort()).toEqual(['cluster', 'password']);
  });

  asRoot('starts with the programs alone below such a folder, and with the data alone', async () => {
    expect(rightsOf(await start({ dataDir: join(root, 'programs'), programs: copy }))).toMatchObject(readSearch);
    expect(rightsOf(await start({ dataDir: join(closed, 'alone'), programs: open }))).toMatchObject(readSearch);
  });

  asRoot('gets no right at all where it needs none', async () => {
    const outcome = await start({ dataDir: join(root, 'plain'), programs: open });
    expect(rightsOf(outcome)).toMatchObject({ Uid: '65534', CapPrm: '0000000000000000' });
  });

  asRoot('starts from packages that were installed under umask 077', async () => {
    const mine = join(closed, 'mine');
    cpSync(join(closed, 'native'), mine, { recursive: true, verbatimSymlinks: true });
    expect(spawnSync('chmod', ['-R', 'go-rwx', mine]).status).toBe(0);
    const outcome = await start({ dataDir: join(mine, 'data'), programs: inside(mine) });
    expect(rightsOf(outcome)).toEqual({ ...nobody, ...override });
  });

  asRoot('starts with what a container has by default', async () => {
    const outcome = await start({ dataDir: join(closed, 'docker'), programs: copy }, container());
    expect(rightsOf(outcome)).toEqual({ ...nobody, ...override });
  });

  asRoot('names the folder at fault and --data where a container has too few rights', async () => {
    for (const missing of [['setpcap'], ['dac_override'], ['setpcap', 'dac_override']]) {
      const few = container(...missing);
      expect(await start({ dataDir: join(closed, 'data'), programs: open }, few)).toEqual({
        code: 'folder-not-accessible',
        message: expect.stringMatching(new RegExp(`may not enter ${closed}\\b.*--data`)) as string,
      });
      expect(await start({ dataDir: join(root, 'few'), programs: copy }, few)).toEqual({
        code: 'binaries-not-accessible',
        message: expect.stringMatching(new RegExp(`may not enter ${closed}\\b.*Move Daybook`)) as string,
      });
    }
  });

  asRoot('does not send root to another folder where it may not become another user at all', async () => {
    for (const native of [open, copy]) {
      expect(await start({ dataDir: join(root, 'few'), programs: native }, container('setuid'))).toEqual({
        code: 'cannot-drop-root',
        message: expect.stringContaining('Start Daybook as an ordinary user') as string,
      });
    }
  });

  it('says of programs that do not run that it is they, not the data', async () => {
    expect(await start({ dataDir: join(root, 'never'), programs: inside(join(root, 'missing')) })).toEqual({
      code: 'no-binaries',
      message: expect.stringContaining('npm ci') as string,
    });
  });
});
