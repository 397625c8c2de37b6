import { KeyedQueue } from './keyed-queue.js';

describe('the queue of commands on one stream', () => {
  const held = () => Promise.withResolvers<void>();

  it('rejects a command with 503 when the queue is full, while other streams go on', async () => {
    const queue = new KeyedQueue({ most: 2, waitMs: 1_000 }, () => 0);
    const first = held();
    const running = [queue.run('a', () => first.promise), queue.run('a', async () => undefined)];
    await expect(queue.run('a', async () => undefined)).rejects.toMatchObject({
      rejection: { code: 'platform.busy', status: 503, details: { retryAfterSeconds: 2 } },
    });
    expect(await queue.run('b', async () => 'done')).toBe('done');
    first.resolve();
    await Promise.all(running);
    expect(await queue.run('a', async () => 'again')).toBe('again');
    expect(queue.size).toBe(0);
  });

  it('rejects commands with 503 that waited too long behind one that hung', async () => {
    let now = 0;
    const queue = new KeyedQueue({ most: 10, waitMs: 1_000 }, () => now);
    const first = held();
    const ran: number[] = [];
    const running = [1, 2, 3].map((one) =>
      queue.run('a', async () => {
        ran.push(one);
        if (one === 1) await first.promise;
      }),
    );
    await new Promise((next) => setImmediate(next));
    now = 1_001;
    const late = queue.run('a', async () => ran.push(4));
    first.resolve();
    const outcomes = await Promise.allSettled(running);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await late;
    expect(ran).toEqual([1, 4]);
  });

  it('keeps the order, and a failure affects only its own command', async () => {
    const queue = new KeyedQueue();
    const ran: string[] = [];
    const fails = queue.run('a', async () => {
      ran.push('one');
      throw new Error('no');
    });
    const next = queue.run('a', async () => ran.push('two'));
    await expect(fails).rejects.toThrow('no');
    await next;
    expect(ran).toEqual(['one', 'two']);
  });
});
