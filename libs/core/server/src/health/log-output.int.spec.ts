import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { canMount, type SmallDisk, smallDisk } from '@daybook/postgres/testing/small-disk';
import { LogOutput, retryMs } from './log-output.js';
import { createLogger } from './logger.js';

const withDisk = canMount ? it : it.skip; // mounting needs privileges that not every machine grants

describe('a log that cannot be written', () => {
  let disk: SmallDisk;
  let fd: number;
  /** Ended before their files are closed: a later retry would write into whatever was opened since. */
  const outputs: LogOutput[] = [];
  const outputTo = (file: number): LogOutput => {
    const output = new LogOutput(file);
    outputs.push(output);
    return output;
  };
  const ended = async (): Promise<void> => {
    for (const output of outputs.splice(0)) await output.end();
  };
  /** Complete lines only: the last free page of the disk takes half a line. */
  const lines = (): { n?: number; msg: string; level: string; leftOut?: number; why?: string }[] =>
    readFileSync(join(disk.path, 'api.log'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  const said = async (msg: string): Promise<void> => {
    while (!lines().some((line) => line.msg === msg)) await sleep(20);
  };
  const writeFailed = async (output: LogOutput): Promise<void> => {
    while (output.failure === null) await sleep(20);
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

  withDisk('does not stop the program, even after a fatal line, and is written once there is space', async () => {
    const output = outputTo(fd);
    const logger = createLogger('info', 'spec', output);
    logger.info({ n: 1 }, 'before');
    await output.settled(60_000);
    disk.fill();
    for (let n = 2; n <= 200; n++) logger.info({ n }, 'meanwhile');
    logger.fatal({ n: 201 }, 'a bug');
    // Ending the process waits no longer than this.
    await output.settled(50);
    await writeFailed(output);
    expect(lines().length).toBeLessThan(100);
    disk.empty();
    await said('the log could not be written for a while');
    expect(lines().slice(0, 201).map(({ n }) => n)).toEqual(Array.from({ length: 201 }, (_, i) => i + 1)); // prettier-ignore
    expect(lines()[201]).toMatchObject({ level: 'warn', why: 'ENOSPC', leftOut: 0 });
    logger.info('after');
    await said('after');
  });

  withDisk('keeps a bounded number of lines and counts the rest', async () => {
    const output = outputTo(fd);
    const logger = createLogger('info', 'spec', output);
    disk.fill();
    const text = 'x'.repeat(10_000);
    for (let n = 1; n <= 150; n++) logger.info({ n, text }, 'meanwhile');
    await writeFailed(output);
    disk.empty();
    await said('the log could not be written for a while');
    const kept = lines().filter(({ msg }) => msg === 'meanwhile').length;
    expect(kept).toBeGreaterThan(90);
    expect(lines().at(-1)).toMatchObject({ why: 'ENOSPC', leftOut: 150 - kept });
  });

  it('says how many lines were dropped, also when no write failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-log-'));
    const file = join(folder, 'api.log');
    const slow = openSync(file, 'a');
    const output = outputTo(slow);
    const recovered: [string, number][] = [];
    output.onRecovered = (why, leftOut) => void recovered.push([why, leftOut]);
    // All in one turn of the event loop, so that none is written before the last one is added.
    for (let n = 1; n <= 150; n++) output.write(`${'x'.repeat(9_999)}\n`);
    await output.settled(60_000);
    expect(recovered).toEqual([['slow', 50]]);
    await ended();
    closeSync(slow);
    rmSync(folder, { recursive: true });
  });

  it('does not stop the program when nothing can be written at all', async () => {
    const full = openSync('/dev/full', 'w');
    const output = outputTo(full);
    createLogger('info', 'spec', output).fatal('nobody hears this');
    const began = Date.now();
    await output.settled(50);
    expect(Date.now()).toBeGreaterThan(began);
    await ended();
    closeSync(full);
  });

  it('writes nothing into a file that reuses its descriptor after it was ended and closed', async () => {
    const full = openSync('/dev/full', 'w');
    const output = outputTo(full);
    output.write('a line that waits\n');
    await output.settled(20);
    await output.end();
    closeSync(full);
    const folder = mkdtempSync(join(tmpdir(), 'daybook-log-'));
    // Gets the lowest free descriptor, unless something else in this process was quicker.
    const other = openSync(join(folder, 'other'), 'a');
    await sleep(retryMs + 200);
    expect(readFileSync(join(folder, 'other'), 'utf8')).toBe('');
    closeSync(other);
    rmSync(folder, { recursive: true });
  });
});
