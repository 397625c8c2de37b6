/*
 * `npm run test:e2e [-- e2e/x.spec.ts]`: builds and starts the product like a new user, with its own data folder and port, and runs
 * the specs of the console in the Chromium on the PATH.
 */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { build } from '../start/build.mjs';
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

/** A product for each worker of vitest, because spec files change what others would see; one where a file is named. */
const isOneFile = process.argv.slice(2).some((argument) => argument.endsWith('.spec.ts'));
await build(root, console.log);
const products = await Promise.all(Array.from({ length: isOneFile ? 1 : 2 }, open));
let status = 1;
try {
  await Promise.all(products.map(({ ready }) => ready));
  const report = join(results, 'e2e.json');
  rmSync(report, { force: true });
  const vitest = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    join(root, 'tools/checks/e2e.config.mjs'),
    `--maxWorkers=${products.length}`,
  ];
  const run = spawnSync(process.execPath, [...vitest, ...process.argv.slice(2)], {
    cwd: join(root, 'apps/web'),
    stdio: 'inherit',
    env: {
      ...process.env,
      DAYBOOK_PRODUCTS: JSON.stringify(products.map(({ url, mail }) => ({ url, mail }))),
      DAYBOOK_EMAIL: login.email,
      DAYBOOK_PASSWORD: login.password,
      DAYBOOK_CHROMIUM: chromium,
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
  await Promise.all(products.map(({ close }) => close()));
}
process.exit(status);

/** Starts a product; `ready` once it has printed its address and the login. */
async function open() {
  const data = mkdtempSync(join(tmpdir(), 'daybook-e2e-'));
  const port = await freePort(0, '127.0.0.1');
  const started = spawn(
    process.execPath,
    [join(root, 'tools/start/start.mjs'), '--data', data, '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: {
        ...process.env,
        DAYBOOK_ADMIN_EMAIL: login.email,
        DAYBOOK_ADMIN_PASSWORD: login.password,
        DAYBOOK_PORT: '',
        // The SSO provider of sso.spec.ts runs on this machine.
        DAYBOOK_LOOPBACK_ISSUERS: 'yes',
      },
    },
  );
  const ended = new Promise((done) => started.once('exit', done));
  const ready = new Promise((done, fail) => {
    let said = '';
    started.stdout.on('data', (chunk) => {
      said += chunk;
      if (said.includes('Ctrl-C')) done();
    });
    started.once('exit', () => fail(new Error(`The product did not start.\n${said}`)));
  });
  const close = async () => {
    if (started.exitCode === null) started.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url: `http://localhost:${port}`, mail: join(data, 'mail'), ready, close };
}
