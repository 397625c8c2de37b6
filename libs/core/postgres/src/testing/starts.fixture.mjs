/* A process that starts the embedded database once. `node --import tools/source.mjs starts.fixture.mjs OPTIONS` prints what came of it. */
import { readFileSync } from 'node:fs';
import { startEmbedded } from '../embedded.ts';

try {
  const database = await startEmbedded(JSON.parse(process.argv[2]));
  const status = readFileSync(`/proc/${database.pid}/status`, 'utf8');
  await database.stop();
  process.stdout.write(JSON.stringify({ status }));
} catch ({ code, message }) {
  process.stdout.write(JSON.stringify({ code, message }));
}
