import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/* `npm start` for specs: in a temporary data folder, with all processes ended and everything deleted afterwards. */

const script = fileURLToPath(new URL('../start.mjs', import.meta.url));
/** A first run builds the product. */
export const patience = 240_000;

export interface Started {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}
export interface Login {
  readonly url: string;
  readonly email: string;
  readonly password: string;
}

export class Starts {
  readonly folder = mkdtempSync(join(tmpdir(), 'daybook-start-'));
  private readonly running = new Set<ChildProcess>();

  start(...args: string[]): Started {
    return this.startWith({}, ...args);
  }

  startWith(more: Readonly<Record<string, string>>, ...args: string[]): Started {
    const { npm_lifecycle_event: _, DATABASE_URL: __, ...env } = process.env;
    const child = spawn(process.execPath, [script, '--data', this.folder, ...args], {
      env: { ...env, NODE_OPTIONS: '', DAYBOOK_PORT: '', DAYBOOK_ADMIN_EMAIL: '', DAYBOOK_ADMIN_PASSWORD: '', ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.running.add(child);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)));
    const ended = once(child, 'close').then(([code]) => {
      this.running.delete(child);
      return code as number | null;
    });
    return { process: child, output: () => text, ended };
  }

  async end(): Promise<void> {
    for (const child of this.running) child.kill('SIGKILL');
    this.running.clear();
    await until(() => processesOf(this.folder).length === 0);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function ready(started: Started): Promise<Login> {
  await until(() => started.output().includes('Ctrl-C') || started.process.exitCode !== null, patience);
  const said = (label: string): string => new RegExp(`${label} +(\\S+)`).exec(started.output())?.[1] ?? '';
  if (said('Console') === '') throw new Error(started.output());
  return { url: said('Console'), email: said('Login'), password: said('Password') };
}

export function session({ url, email, password }: Login): Promise<Response> {
  const body = JSON.stringify({ email, password });
  return fetch(`${url}/v1/identity/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

/** The superuser's URL while the folder's database runs: the fourth line of postmaster.pid is the port. */
export function databaseUrlOf(folder: string): string {
  const read = (...path: string[]): string => readFileSync(join(folder, 'postgres', ...path), 'utf8').trim();
  const port = read('cluster', 'postmaster.pid').split('\n')[3]?.trim();
  return `postgresql://postgres:${read('password')}@127.0.0.1:${port}/postgres`;
}

/** Waits for a state; the timeout only ends a spec whose state never comes. */
export async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  for (const end = Date.now() + withinMs; !holds() && Date.now() < end;) await pause();
}
export const pause = (): Promise<void> => new Promise((next) => setTimeout(next, 50));

/** Processes that name the folder in their command line or environment. */
export function processesOf(folder: string): number[] {
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

/** Empty when it has ended. */
export const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};
export const childrenOf = (parent: number): number[] =>
  readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').map(Number);
