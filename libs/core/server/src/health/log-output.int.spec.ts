import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canMount, type SmallDisk, smallDisk } from '@daybook/postgres/testing/small-disk';
import { LogOutput, retryMs } from './log-output.js';
import { createLogger } from './logger.js';

const withDisk = canMount ? it : it.skip; // mounting takes rights that not every machine gives

describe('a log that cannot be written', () => {
  let disk: SmallDisk;
  let fd: number;
  /** Ended before their files are closed: a try that comes later would write into whatever was opened since. */
  const outputs: LogOutput[] = [];
  const outputTo = (file: number): LogOutput => {
    const output = new LogOutput(file);
    outputs.push(output);
    return output;
  };
  const ended = async (): Promise<void> => {
    for (const output of outputs.splice(0)) await output.end();
  };
  /** Those that are there in full; a page that was left takes half a line. */
  const lines = (): { n?: number; msg: string; level: string; leftOut?: number; why?: string }[] =>
    readFileSync(join(disk.path, 'api.log'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const said = async (msg: string): Promise<void> => {
    while (!lines().some((line) => line.msg === msg)) await sleep(20);
  };
  beforeEach(() => {
    if (!canMount) return;
    disk = smallDisk(2_000);
    fd = openSync(join(disk.path, 'api.log'), 'a');
  });
  afterEach(async () => {
    await ended();
    if (!canMount) return;
    closeSync(fd);
    disk.remove();
  });

  withDisk('stops nothing, not even by a fatal line, and is said again once there is space', async () => {
    const output = outputTo(fd);
    const logger = createLogger('info', 'spec', output);
    logger.info({ n: 1 }, 'before');
    await output.settled(60_000);
    disk.fill();
    for (let n = 2; n <= 200; n++) logger.info({ n }, 'meanwhile');
    logger.fatal({ n: 201 }, 'a bug');
    // Its write has failed by then; whoever ends the process waits no longer than this.
    await output.settled(50);
    expect(lines().length).toBeLessThan(100);
    disk.empty();
    await said('the log could not be written for a while');
    expect(lines().slice(0, 201).map(({ n }) => n)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1)); // prettier-ignore
    expect(lines()[201]).toMatchObject({ level: 'warn', why: 'ENOSPC', leftOut: 0 });
    logger.info('after');
    await said('after');
  });

  withDisk('keeps so many lines and counts the rest', async () => {
    const output = outputTo(fd);
    const logger = createLogger('info', 'spec', output);
    disk.fill();
    const text = 'x'.repeat(10_000);
    for (let n = 1; n <= 150; n++) logger.info({ n, text }, 'meanwhile');
    disk.empty();
    await said('the log could not be written for a while');
    const kept = lines().filter(({ msg }) => msg === 'meanwhile').length;
    expect(kept).toBeGreaterThan(90);
    expect(lines().at(-1)).toMatchObject({ why: 'ENOSPC', leftOut: 150 - kept });
  });

  it('says how many lines were left out, also where no write failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-log-'));
    const file = join(folder, 'api.log');
    const slow = openSync(file, 'a');
    const output = outputTo(slow);
    const recovered: [string, number][] = [];
    output.onRecovered = (why, leftOut) => void recovered.push([why, leftOut]);
    // All in one turn: none of them can be written before the last one came.
    for (let n = 1; n <= 150; n++) output.write(`${'x'.repeat(9_999)}\n`);
    await output.settled(60_000);
    expect(recovered).toEqual([['slow', 50]]);
    await ended();
    closeSync(slow);
    rmSync(folder, { recursive: true });
  });

  it('stops nothing where nothing can be written at all', async () => {
    const full = openSync('/dev/full', 'w');
    const output = outputTo(full);
    createLogger('info', 'spec', output).fatal('nobody hears this');
    const began = Date.now();
    await output.settled(50);
    expect(Date.now()).toBeGreaterThan(began);
    await ended();
    closeSync(full);
  });

  it('writes nothing into a file or socket that got its number after it was ended and closed', async () => {
    const full = openSync('/dev/full', 'w');
    const output = outputTo(full);
    output.write('a line that waits\n');
    await output.settled(20);
    await output.end();
    closeSync(full);
    const folder = mkdtempSync(join(tmpdir(), 'daybook-log-'));
    // The lowest number that is free, unless something else of this process was quicker.
    const other = openSync(join(folder, 'other'), 'a');
    await sleep(retryMs + 200);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('');
    closeSync(other);
    rmSync(folder, { recursive: true });
  });
});
