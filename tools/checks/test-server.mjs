import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../source.mjs';

/*
 * Jest's global set-up: one PostgreSQL for all workers of a run, started when the first spec file requests its address, so that a
 * run without a database does not wait. It ends with this process, even when killed, and its folder is removed
 * (libs/core/postgres/src/watchdog.ts); concurrent runs have different ports and folders. The next run removes what a run left
 * that was killed while creating the folder.
 */
export default async function setUp() {
  removeLeftovers();
  let starting;
  const start = async () => {
    const { startEmbedded } = await import('@daybook/postgres/embedded');
    return startEmbedded({ dataDir: join(tmpdir(), `daybook-test-${process.pid}`), durable: false });
  };
  const door = createServer((_, answer) => {
    starting ??= start();
    starting.then(
      ({ url }) => answer.end(url),
      (error) => answer.writeHead(500).end(String(error)),
    );
  });
  door.listen(0, '127.0.0.1').unref();
  await once(door, 'listening');
  process.env.DAYBOOK_TEST_SERVER = `http://127.0.0.1:${door.address().port}`;
  globalThis.endTestServer = async () => {
    door.close();
    await starting?.then((server) => server.stop()).catch(() => undefined);
  };
}

function removeLeftovers() {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = /^daybook-test-(\d+)$/.exec(name) ?? [];
    if (pid && (Number(pid) === process.pid || !isRunning(Number(pid))))
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}
