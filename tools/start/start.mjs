/*
 * `npm start`. This file runs on the machine's own Node (20 or newer): it checks what the product needs, switches
 * to the Node 24 that npm installed with the packages, and says in one sentence what is missing.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const needed = 22;
const root = fileURLToPath(new URL('../..', import.meta.url));
const installed = `${root}node_modules/.bin/node`;
const major = Number(process.versions.node.split('.')[0]);

if (!existsSync(`${root}node_modules`)) fail('The packages are not installed. Run `npm ci` first.');

if (major >= needed) {
  const { main } = await import('./main.mjs');
  await main(process.argv.slice(2));
} else if (existsSync(installed)) {
  switchNode();
} else {
  const reason = `It needs Node ${needed} or newer, and this is ${process.versions.node}.`;
  fail(`${reason} No Node is installed with its packages on this platform: install the one that .nvmrc names.`);
}

/** The IPC channel closes however this process ends; main.mjs then ends too. */
function switchNode() {
  const child = spawn(installed, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH ?? ''}` },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    // Ctrl-C reaches the child from the terminal too, which does no harm; a signal to this process alone would not.
    process.on(signal, () => child.kill(signal));
  }
  child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

function fail(message) {
  process.stderr.write(`Daybook cannot start. ${message}\n`);
  process.exit(1);
}
