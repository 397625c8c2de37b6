import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, renameSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { keepBounded } from './logs.mjs';
import { StartError } from './start-error.mjs';

const preload = fileURLToPath(new URL('exit-with-parent.mjs', import.meta.url));
/** A child that ignores SIGTERM for that long is killed; the database needs the rest of the 5 seconds. */
const graceMs = 2500;
const restarts = { most: 5, withinMs: 60_000 };

/**
 * Runs the product's programs as child processes, outside the terminal's process group, so that Ctrl-C stops them in order.
 * Restarts them when they die, and writes the output of each to a log.
 */
export class Supervisor {
  #programs = new Map();
  #stopping = false;
  /** Pending while they cannot run because the database is away. */
  #held = null;

  constructor({ logs, onLost, isDevelopment = false }) {
    this.logs = logs;
    this.onLost = onLost;
    this.isDevelopment = isDevelopment;
  }

  start(name, args, env) {
    const log = join(this.logs, `${name}.log`);
    orElse(() => existsSync(log) && renameSync(log, `${log}.1`));
    if (!this.isDevelopment) keepBounded(log);
    const program = { name, args, env, log, ready: false, deaths: [], process: null };
    this.#programs.set(name, program);
    this.#spawn(program);
  }

  /** Waits until the URL answers 200; a child that dies before that aborts the start. */
  async ready(name, url, seconds = 90) {
    const program = this.#programs.get(name);
    for (const end = Date.now() + seconds * 1000; ; await sleep(50)) {
      if (this.#stopping) throw new StartError('Stopped.');
      if (program.process === null && !this.isDevelopment)
        throw new StartError(this.#sentence(name) ?? `${name} did not start.\n${this.tail(name)}`);
      if (await answers(url)) break;
      if (Date.now() > end) throw new StartError(`${name} was not ready after ${seconds} s.\n${this.tail(name)}`);
    }
    program.ready = true;
  }

  tail(name) {
    const { log } = this.#programs.get(name);
    const text = existsSync(log) ? readFileSync(log, 'utf8').trim() : '';
    return `${text.split('\n').slice(-15).join('\n')}\nThe whole log is in ${log}.`;
  }

  /** For a program that ended for a reason that the operator can fix: its last log message only. */
  #sentence(name) {
    const { log } = this.#programs.get(name);
    try {
      const { level, msg, err } = JSON.parse(readFileSync(log, 'utf8').trim().split('\n').at(-1));
      return level === 'fatal' && !err ? msg : null;
    } catch {
      return null;
    }
  }

  /** For development: stops the program if it runs, and starts it from its current sources. */
  async restart(name) {
    const program = this.#programs.get(name);
    await end(program.process);
    if (!this.#stopping && program.process === null) this.#spawn(program);
  }

  /** Programs that end from now on are restarted once `release` is called, without counting as a failure. */
  hold() {
    if (this.#held) return;
    let release;
    const until = new Promise((done) => (release = done));
    this.#held = { until, release };
  }

  release() {
    this.#held?.release();
    this.#held = null;
  }

  async stop() {
    this.#stopping = true;
    await Promise.all([...this.#programs.values()].map((program) => end(program.process)));
  }

  #spawn(program) {
    const log = this.isDevelopment ? 'inherit' : orElse(() => openSync(program.log, 'a'), 'ignore');
    const child = spawn(process.execPath, ['--import', preload, ...program.args], {
      env: { ...process.env, ...program.env },
      stdio: ['ignore', log, log, 'ipc'],
      detached: true,
    });
    if (typeof log === 'number') closeSync(log);
    program.process = child;
    child.once('exit', () => {
      program.process = null;
      // In development a program that cannot start waits for the next change.
      if (this.#stopping || !program.ready || this.isDevelopment) return;
      const again = () => this.#stopping || this.#spawn(program);
      if (this.#held) return void this.#held.until.then(again);
      const now = Date.now();
      program.deaths = [...program.deaths.filter((at) => now - at < restarts.withinMs), now];
      if (program.deaths.length > restarts.most) return this.onLost(program.name);
      setTimeout(again, 300 * program.deaths.length);
    });
  }
}

/** A log that cannot be created, for example on a full disk, stops nothing. */
function orElse(work, otherwise) {
  try {
    return work();
  } catch {
    return otherwise;
  }
}

async function end(child) {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
