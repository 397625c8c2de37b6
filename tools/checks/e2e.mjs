/*
 * `npm run test:e2e`: builds and starts the product as a newcomer does, on a data folder and port of its own, and drives
 * the console in the Chromium found on the PATH.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../start/ports.mjs';
import { inWords, keep, results, root, totalsOf } from './results.mjs';

const login = { email: 'admin@example.com', password: 'a-password-of-the-e2e-run' };

const chromium = ['chromium', 'chromium-browser', 'google-chrome']
  .flatMap((name) => (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name)))
  .find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
if (!chromium) {
  console.error('There is no Chromium on the PATH. On Debian: apt-get install chromium');
  keep('e2e', totalsOf('', 1));
  process.exit(1);
}

const data = mkdtempSync(join(tmpdir(), 'daybook-e2e-'));
const port = await freePort(0, '127.0.0.1');
const product = spawn(process.execPath, [join(root, 'tools/start/start.mjs'), '--data', data, '--port', String(port)], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  env: {
    ...process.env,
    DAYBOOK_ADMIN_EMAIL: login.email,
    DAYBOOK_ADMIN_PASSWORD: login.password,
    DAYBOOK_PORT: '',
    // The outside provider of sso.spec.ts is on this machine.
    DAYBOOK_LOOPBACK_ISSUERS: 'yes',
  },
});
const ended = new Promise((done) => product.once('exit', done));
let status = 1;
try {
  await started(product);
  const report = join(results, 'e2e.json');
  rmSync(report, { force: true });
  const vitest = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    join(root, 'tools/checks/e2e.config.mjs'),
  ];
  const run = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], {
    cwd: join(root, 'apps/web'),
    stdio: 'inherit',
    env: {
      ...process.env,
      DAYBOOK_URL: `http://localhost:${port}`,
      DAYBOOK_EMAIL: login.email,
      DAYBOOK_PASSWORD: login.password,
      DAYBOOK_CHROMIUM: chromium,
      DAYBOOK_MAIL_FOLDER: join(data, 'mail'),
      DAYBOOK_RESULTS: results,
    },
  });
  const totals = totalsOf(report, run.status ?? 1);
  keep('e2e', totals);
  console.log(`Specs in the browser: ${inWords(totals)}.`);
  status = totals.failed > 0 ? 1 : 0;
} catch (error) {
  console.error(error.message);
  keep('e2e', totalsOf('', 1));
} finally {
  if (product.exitCode === null) product.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}
process.exit(status);

/** Until the address and the login are printed. */
function started(child) {
  return new Promise((done, fail) => {
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      if (String(chunk).includes('Ctrl-C')) done();
    });
    child.once('exit', () => fail(new Error('The product did not start.')));
  });
}
