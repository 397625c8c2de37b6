import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { environment } from './data-directory.js';
import type { Privileges } from './privileges.js';

/** One run of PostgreSQL, from its launch until it has ended. */
export interface ServerProcess {
  /** Its process id, once it accepts connections; rejects with its output when it ends before. */
  readonly ready: Promise<number>;
  /** Resolves when it has ended for whatever reason, with its last output. */
  readonly ended: Promise<string>;
  /** Ends it within 5 seconds, in whatever state it is. */
  stop(): Promise<void>;
}

/** What happens during a run: a backend crashed and ended all others, or the server recovered from that. */
export type Incident = 'crashed' | 'recovered';

/** How much of its last output is kept; enough for a start that fails. */
const keptCharacters = 8_000;

/**
 * Detached: a Ctrl-C in the terminal must not reach the server before the programs that use it. It ends with this process
 * (`watched`), and neither it nor its pipes keep this process running.
 */
export function launch(
  command: readonly string[],
  privileges: Privileges,
  happened: (incident: Incident) => void = () => undefined,
): ServerProcess {
  const [program = '', ...args] = [...privileges.prefix, ...command];
  const child = spawn(program, args, {
    ...privileges.spawn,
    cwd: '/',
    env: environment(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  child.unref();
  for (const pipe of [child.stderr, child.stdio[3]]) if (pipe instanceof Socket) pipe.unref();

  let said = '';
  let rest = '';
  let isReady = false;
  let isCrashed = false;
  const notice = (line: string): void => {
    const crashed = line.includes('terminating any other active server processes');
    if (!isReady || crashed === isCrashed) return;
    if (!crashed && !line.includes('ready to accept connections')) return;
    isCrashed = crashed;
    happened(crashed ? 'crashed' : 'recovered');
  };
  const heard = new Set<() => void>();
  child.stderr?.on('data', (chunk: Buffer) => {
    const text = String(chunk);
    said = (said + text).slice(-keptCharacters);
    for (const listener of heard) listener();
    const lines = `${rest}${text}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) notice(line);
  });
  const ended = new Promise<string>((done) => {
    child.once('error', () => done(said));
    child.once('exit', () => {
      // The shell that watches the server may have been killed alone; this ends the server too.
      child.stdio[3]?.destroy();
      done(said);
    });
  });
  const ready = new Promise<number>((done, fail) => {
    // Unreferenced pipes do not keep a process alive that only waits for them.
    const awake = setInterval(() => undefined, 1_000);
    const settle = (work: () => void): void => {
      clearInterval(awake);
      heard.clear();
      work();
    };
    heard.add(() => {
      if (!said.includes('ready to accept connections')) return;
      isReady = true;
      settle(() => done(Number(/\[(\d+)\] LOG: {2}database system is ready/.exec(said)?.[1])));
    });
    child.once('error', (error) => settle(() => fail(error)));
    child.once('close', (code) => settle(() => fail(new Error(`PostgreSQL ended with status ${code}.\n${said}`))));
  });
  ready.catch(() => undefined);
  return { ready, ended, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.ref();
  child.stdio[3]?.destroy();
  if (child.exitCode === null && child.signalCode === null) await ended;
}
