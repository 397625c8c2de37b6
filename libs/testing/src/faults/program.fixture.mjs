/*
 * The smallest program, for specs that kill it: `node --import tools/source.mjs program.fixture.mjs PLAN`. The plan is JSON:
 * - `url` of the projector's login, `deposits` to send, `broken`: the name of a broken part (broken.ts), or null;
 * - `kill`: null, or the fail point at which it kills itself (SIGKILL): `{ after }` so many of any kind, or `{ point, time }`;
 * It says `ack {key, …}` once a deposit was answered, and in the end `points {…}`: how often it met each fail point.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { allowSlowConnections } from '@daybook/postgres/testing/long-timeouts';
import { isRejection } from '@daybook/kernel';
import { brokenParts } from './broken.ts';
import { watchFailPoints } from './fail-points.ts';
import { openProgram, soundParts } from './program.ts';

const { url, deposits, broken, kill } = JSON.parse(process.argv[2]);
allowSlowConnections();
const met = new Map();
let all = 0;
watchFailPoints((point) => {
  all += 1;
  const times = (met.get(point) ?? 0) + 1;
  met.set(point, times);
  if (kill && (kill.after === all || (kill.point === point && kill.time === times)))
    process.kill(process.pid, 'SIGKILL');
});
const say = (word, value) => process.stdout.write(`${word} ${JSON.stringify(value)}\n`);
const log = (what, error) => process.env.FAULTS_LOG && process.stderr.write(`${what}: ${error?.stack ?? error}\n`);
const program = await openProgram(url, { parts: broken ? brokenParts[broken].parts : soundParts, log });

const left = [...deposits];
async function send() {
  for (let one = left.shift(); one; one = left.shift()) {
    const answer = await program.deposit(one);
    if (isRejection(answer)) throw new Error(`${answer.code}: ${answer.message}`);
    say('ack', { depositId: one.depositId, position: answer.position, version: answer.version });
  }
}
await Promise.all(Array.from({ length: 6 }, send));
for (let calm = 0; calm < 3; calm = (await program.isIdle()) ? calm + 1 : 0) await sleep(20);
say('points', Object.fromEntries(met));
await program.stop();
