import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { boundLog } = (await import('./logs.mjs' as string)) as { boundLog: (log: string, most: number) => void };

describe('the log of a program that runs for long', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-logs-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('stays bounded while the program keeps writing, and loses no line', () => {
    const log = join(folder, 'api.log');
    // As the start script opens it.
    const open = openSync(log, 'a');
    const kept = (): string => [`${log}.1`, log].filter((one) => existsSync(one)).map((one) => readFileSync(one, 'utf8')).join(''); // prettier-ignore
    for (let i = 0; i < 100; i++) {
      writeSync(open, `line ${i} ${'x'.repeat(90)}\n`);
      boundLog(log, 1_000);
      expect(statSync(log).size).toBeLessThanOrEqual(1_000);
      expect(kept()).toContain(`line ${i} `);
    }
    closeSync(open);
    expect(kept().split('\n').length).toBeGreaterThan(10);
    expect(readFileSync(`${log}.1`, 'utf8').length).toBeLessThan(1_300);
  });

  it('is left alone while it is short or missing', () => {
    const log = join(folder, 'short.log');
    boundLog(log, 1_000);
    const open = openSync(log, 'a');
    writeSync(open, 'short\n');
    closeSync(open);
    boundLog(log, 1_000);
    expect(readFileSync(log, 'utf8')).toBe('short\n');
    expect(() => statSync(`${log}.1`)).toThrow();
  });
});
