import { Serial } from './serial.js';

describe('the line before one stream', () => {
  const held = () => Promise.withResolvers<void>();

  it('has a bound: one too many is refused at once with 503, other streams go on', async () => {
    const serial = new Serial({ most: 2, waitMs: 1_000 }, () => 0);
    const first = held();
    const running = [serial.run('a', () => first.promise), serial.run('a', async () => undefined)];
    await expect(serial.run('a', async () => undefined)).rejects.toMatchObject({
      rejection: { code: 'platform.busy', status: 503, details: { retryAfterSeconds: 2 } },
    });
    expect(await serial.run('b', async () => 'done')).toBe('done');
    first.resolve();
    await Promise.all(running);
    expect(await serial.run('a', async () => 'again')).toBe('again');
    expect(serial.size).toBe(0);
  });

  it('answers 503 to what waited too long behind one that hung, instead of letting each hang in its turn', async () => {
    let now = 0;
    const serial = new Serial({ most: 10, waitMs: 1_000 }, () => now);
    const first = held();
    const ran: number[] = [];
    const running = [1, 2, 3].map((one) =>
      serial.run('a', async () => {
        ran.push(one);
        if (one === 1) await first.promise;
      }),
    );
    await new Promise((next) => setImmediate(next));
    now = 1_001;
    const late = serial.run('a', async () => ran.push(4));
    first.resolve();
    const outcomes = await Promise.allSettled(running);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await late;
    expect(ran).toEqual([1, 4]);
  });

  it('keeps the order, and a failure ends its own work only', async () => {
    const serial = new Serial();
    const ran: string[] = [];
    const fails = serial.run('a', async () => {
      ran.push('one');
      throw new Error('no');
    });
    const next = serial.run('a', async () => ran.push('two'));
    await expect(fails).rejects.toThrow('no');
    await next;
    expect(ran).toEqual(['one', 'two']);
  });
});
