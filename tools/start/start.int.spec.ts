import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('start.mjs', import.meta.url));
/** A first run builds the product. */
const patience = 240_000;

interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

describe('npm start', () => {
  let folder: string;
  const running = new Set<ChildProcess>();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-start-'));
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    running.clear();
    await until(() => processesOf(folder).length === 0);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (...args: string[]): Started => {
    const { npm_lifecycle_event: _, DATABASE_URL: __, ...env } = process.env;
    const child = spawn(process.execPath, [script, '--data', folder, ...args], {
      env: { ...env, NODE_OPTIONS: '', DAYBOOK_PORT: '', DAYBOOK_ADMIN_EMAIL: '', DAYBOOK_ADMIN_PASSWORD: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    const ended = once(child, 'close').then(([code]) => {
      running.delete(child);
      return code as number | null;
    });
    return { process: child, output: () => text, ended };
  };
  const ready = async (started: Started): Promise<{ url: string; email: string; password: string }> => {
    await until(() => started.output().includes('Ctrl-C') || started.process.exitCode !== null, patience);
    const said = (label: string): string => new RegExp(`${label} +(\\S+)`).exec(started.output())?.[1] ?? '';
    if (said('Console') === '') throw new Error(started.output());
    return { url: said('Console'), email: said('Login'), password: said('Password') };
  };
  const signIn = async ({ url, email, password }: Awaited<ReturnType<typeof ready>>): Promise<number> => {
    const body = JSON.stringify({ email, password });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/v1/identity/session`, { method: 'POST', headers, body })).status;
  };

  it(
    'starts everything, keeps data and login over a restart, and leaves no process behind',
    async () => {
      const first = start('--port', '0', '--no-demo');
      const login = await ready(first);
      expect(await signIn(login)).toBe(200);

      const second = start('--port', '0');
      expect(await second.ended).toBe(1);
      expect(second.output()).toMatch(
        /^Daybook cannot start\. Daybook is already running on .* \(process \d+\)\.[^\n]*\n$/,
      );

      const pressed = Date.now();
      first.process.kill('SIGINT');
      expect(await first.ended).toBe(0);
      expect(Date.now() - pressed).toBeLessThan(5000);
      expect(processesOf(folder)).toEqual([]);

      const again = start('--port', '0', '--no-demo');
      const kept = await ready(again);
      expect({ email: kept.email, password: kept.password }).toEqual({ email: login.email, password: login.password });
      expect(await signIn(kept)).toBe(200);
      expect(processesOf(folder).length).toBeGreaterThanOrEqual(4);
      again.process.kill('SIGKILL');
      await again.ended;
      await until(() => processesOf(folder).length === 0, 5000);
      expect(processesOf(folder)).toEqual([]);
    },
    patience,
  );

  const refused = async (...args: string[]): Promise<string> => {
    const started = start(...args);
    expect(await started.ended).toBe(1);
    return started.output();
  };

  it('says that a port is taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    expect(await refused('--port', String(port))).toBe(
      `Daybook cannot start. Port ${port} is taken by another program. Choose another one with --port.\n`,
    );
    server.close();
  });

  it('leaves a folder alone that holds something else', async () => {
    writeFileSync(join(folder, 'thesis.txt'), 'years of work');
    expect(await refused('--port', '0', '--fresh')).toMatch(/holds something that is not Daybook's\. .*--data\.\n$/);
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('leaves a folder alone that a newer Daybook wrote', async () => {
    writeFileSync(join(folder, 'daybook.json'), '{ "format": 99 }');
    expect(await refused('--port', '0', '--fresh')).toMatch(/was written by a newer Daybook\./);
    expect(readFileSync(join(folder, 'daybook.json'), 'utf8')).toBe('{ "format": 99 }');
  });

  it('says what is wrong with an option', async () => {
    expect(await refused('--port', 'http')).toBe('Daybook cannot start. http is no port number.\n');
    expect(await refused('--prot', '1')).toMatch(/^Daybook cannot start\. Unknown option '--prot'\. See npm start/);
  });
});

async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  for (const end = Date.now() + withinMs; !holds() && Date.now() < end;) {
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Processes that name the folder in their command line or environment. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) =>
      ['cmdline', 'environ'].some((file) => {
        try {
          return readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder);
        } catch {
          return false;
        }
      }),
    )
    .map(Number);
}
