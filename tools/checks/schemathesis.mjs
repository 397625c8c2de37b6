/*
 * `npm run test:schemathesis`: starts the built product with its own data folder, signs in, and runs Schemathesis (PyPI) with all
 * checks on every operation of its OpenAPI document. Without Python, it says so and counts one skipped test. With `-- --install` it
 * only installs Schemathesis.
 */
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../start/ports.mjs';
import { inWords, keep, none, results, root } from './results.mjs';

const version = '4.32.5';
/** How many lines of a failed run are shown; the file has all. */
const mostQuoted = 400;
const examples = process.env.SCHEMATHESIS_EXAMPLES ?? '3';
/** So that no request is refused for its number, however fast the machine is. */
const limits = { DAYBOOK_LIMIT_SIGNED_IN: '1000000,1000000', DAYBOOK_LIMIT_ANONYMOUS: '1000000,1000000' };
const login = { email: 'admin@example.com', password: 'a-password-of-the-schemathesis-run' };
const venv = join(root, 'node_modules/.cache', `schemathesis-${version}`);
const program = join(venv, 'bin/schemathesis');

const lacking = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';
if (spawnSync('python3', ['-c', lacking]).status !== 0) {
  end({ ...none, skipped: 1 }, 'There is no Python 3.10 with venv here, so Schemathesis is skipped.');
}
if (!existsSync(program)) {
  const install = [
    ['python3', '-m', 'venv', venv],
    [join(venv, 'bin/pip'), 'install', '-q', `schemathesis==${version}`],
  ];
  for (const [command, ...args] of install) {
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) {
      rmSync(venv, { recursive: true, force: true });
      end({ ...none, skipped: 1 }, 'Schemathesis cannot be installed from PyPI, so it is skipped.');
    }
  }
}
if (process.argv.includes('--install')) process.exit(0);

const data = mkdtempSync(join(tmpdir(), 'daybook-schemathesis-'));
const port = await freePort(0, '127.0.0.1');
const address = `http://127.0.0.1:${port}`;
const product = spawn(process.execPath, [join(root, 'tools/start/start.mjs'), '--data', data, '--port', String(port)], {
  stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  env: {
    ...process.env,
    ...limits,
    DAYBOOK_ADMIN_EMAIL: login.email,
    DAYBOOK_ADMIN_PASSWORD: login.password,
    DAYBOOK_PORT: '',
  },
});
const ended = new Promise((done) => product.once('exit', done));
let totals = { ...none, failed: 1 };
try {
  await started(product);
  totals = await tried();
} catch (error) {
  console.error(error.message);
} finally {
  if (product.exitCode === null) product.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
}
end(totals);

async function tried() {
  const document = join(data, 'openapi.json');
  writeFileSync(document, JSON.stringify(testable(await answered(fetch(`${address}/openapi.json`)))));
  const bearer = await token();
  const report = join(results, 'schemathesis.json');
  rmSync(report, { force: true });
  const args = [
    '--config-file',
    join(root, 'tools/checks/schemathesis.toml'),
    'run',
    document,
    '--url',
    await manyCallers(),
  ];
  const options = ['--max-examples', examples, '--seed', '1', '--continue-on-failure', '--report-json-path', report];
  const signed = ['-H', `Authorization: Bearer ${bearer}`];
  // Its summary looks like that of another test runner, so its output goes to a file, and the lines below summarise it.
  const output = join(results, 'schemathesis.txt');
  const file = openSync(output, 'w');
  const run = spawn(program, [...args, ...signed, ...options], { cwd: data, stdio: ['ignore', file, file] });
  const code = await new Promise((done) => run.once('exit', done));
  closeSync(file);
  const { status } = await fetch(`${address}/v1/identity/session`, { headers: { authorization: `Bearer ${bearer}` } });
  console.log(`The session of the run answers ${status} at its end.`);
  const { operations, failures, errors } = JSON.parse(readFileSync(report, 'utf8'));
  const failed = failures.length + errors.length;
  if (failed > 0 || code !== 0) console.log(quoted(readFileSync(output, 'utf8')));
  console.log(`${operations.tested} of ${operations.selected} operations tried; all it said is in ${output}.`);
  return {
    ...none,
    passed: Math.max(0, operations.tested - failed),
    failed: failed > 0 || code === 0 ? failed : 1,
  };
}

/** Sign-ins are limited by network address too; through this proxy, each request has another one. */
async function manyCallers() {
  const proxy = createServer({ maxHeaderSize: 131_072 }, (asked, answered) => {
    const from = `10.${[0, 0, 0].map(() => Math.floor(Math.random() * 250)).join('.')}`;
    const { method, url: path, rawHeaders } = asked;
    const headers = [...rawHeaders, 'X-Forwarded-For', from];
    const passed = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      answered.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(answered);
    });
    passed.once('error', () => answered.destroy());
    asked.pipe(passed);
  });
  proxy.unref();
  const own = await new Promise((done) => proxy.listen(0, '127.0.0.1', () => done(proxy.address().port)));
  return `http://127.0.0.1:${own}`;
}

/** Signs in just before the run, since an access token is valid for ten minutes. */
async function token() {
  const headers = { 'content-type': 'application/json' };
  const signIn = { method: 'POST', headers, body: JSON.stringify(login) };
  return (await answered(fetch(`${address}/v1/identity/session`, signIn))).accessToken;
}

/** The published document, without operations that such a client cannot test. */
function testable(document) {
  // A stream that ends only when the token does.
  delete document.paths['/v1/live'];
  // These would end the run's own session, whose id Schemathesis finds in answers.
  delete document.paths['/v1/identity/members/{personId}/sign-out'];
  delete document.paths['/v1/identity/members/{personId}/deactivation'];
  delete document.paths['/v1/identity/own/sessions/{sessionId}/end'];
  for (const item of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    // A made-up position would make each request wait for two seconds.
    const waits = ({ $ref }) => $ref === '#/components/parameters/MinPosition';
    if (item.parameters) item.parameters = item.parameters.filter((parameter) => !waits(parameter));
  }
  // The pattern next to it says what is valid; Schemathesis also checks the lengths of the parts of an address.
  return JSON.parse(
    JSON.stringify(document, (key, value) => (key === 'format' && value === 'email' ? undefined : value)),
  );
}

async function answered(asked) {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Waits until the address and the login are printed. */
function started(child) {
  return new Promise((done, fail) => {
    child.stdout.on('data', (chunk) => {
      if (String(chunk).includes('Ctrl-C')) done();
    });
    child.once('exit', () => fail(new Error('The product did not start.')));
  });
}

/**
 * The last lines of its output up to its warnings, which say nothing of a failure; indented, without the separators that other
 * tools take for the end of a run.
 */
function quoted(text) {
  const lines = text
    .split(/^=+ WARNINGS =+$/m, 1)[0]
    .split('\n')
    .filter((line) => !/^[=_-]{3,}/.test(line));
  return lines
    .slice(-mostQuoted)
    .map((line) => `  | ${line}`)
    .join('\n');
}

function end(sums, why = '') {
  if (why !== '') console.log(why);
  keep('schemathesis', sums);
  console.log(`Schemathesis: ${inWords(sums)}.`);
  process.exit(sums.failed > 0 ? 1 : 0);
}
