import { GroupedQueue, type QueueBounds, queueBounds } from './grouped-queue.js';

const held = () => Promise.withResolvers<void>();
const nextTurn = () => new Promise((next) => setImmediate(next));

describe('the queue of commands on one stream', () => {
  /** Settles each number as a text, once the gate of its group is open. */
  function queueOf(bounds: Partial<QueueBounds> = {}, now?: () => number) {
    const groups: number[][] = [];
    const gate = { open: Promise.resolve() };
    const queue = new GroupedQueue<number, string>(
      async (_, group) => {
        groups.push(group.map(({ work }) => work));
        await gate.open;
        for (const { work, settle } of group) settle(String(work));
      },
      { ...queueBounds, ...bounds },
      now,
    );
    return { queue, groups, gate };
  }

  it('takes what came while a group was under way as the next group, in its order', async () => {
    const { queue, groups, gate } = queueOf({ group: 3 });
    const first = held();
    gate.open = first.promise;
    const running = [1, 2, 3, 4, 5].map((one) => queue.run('a', one));
    expect(groups).toEqual([[1]]);
    first.resolve();
    expect(await Promise.all(running)).toEqual(['1', '2', '3', '4', '5']);
    expect(groups).toEqual([[1], [2, 3, 4], [5]]);
    await nextTurn();
    expect(queue.size).toBe(0);
  });

  it('takes again, and first, what a group leaves unsettled', async () => {
    const groups: number[][] = [];
    const queue = new GroupedQueue<number, string>(async (_, group) => {
      groups.push(group.map(({ work }) => work));
      for (const { work, settle } of group) if (work !== 2 || groups.length > 2) settle(String(work));
    });
    await Promise.all([1, 2, 3].map((one) => queue.run('a', one)));
    expect(groups).toEqual([[1], [2, 3], [2]]);
  });

  it('rejects a command with 503 when the queue is full, while other streams go on', async () => {
    const { queue, gate } = queueOf({ most: 2 });
    const first = held();
    gate.open = first.promise;
    const running = [queue.run('a', 1), queue.run('a', 2)];
    await expect(queue.run('a', 3)).rejects.toMatchObject({
      rejection: { code: 'platform.busy', status: 503, details: { retryAfterSeconds: 2 } },
    });
    gate.open = Promise.resolve();
    expect(await queue.run('b', 1)).toBe('1');
    first.resolve();
    await Promise.all(running);
    expect(await queue.run('a', 4)).toBe('4');
    await nextTurn();
    expect(queue.size).toBe(0);
  });

  it('rejects commands with 503 that waited too long behind one that hung', async () => {
    let now = 0;
    const { queue, groups, gate } = queueOf({ waitMs: 1_000 }, () => now);
    const first = held();
    gate.open = first.promise;
    const running = [1, 2, 3].map((one) => queue.run('a', one));
    now = 1_001;
    const late = queue.run('a', 4);
    first.resolve();
    const outcomes = await Promise.allSettled(running);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(await late).toBe('4');
    expect(groups).toEqual([[1], [4]]);
  });

  it('fails a group that ends in an error, and goes on with the next one', async () => {
    const queue = new GroupedQueue<number, string>(async (_, group) => {
      if (group[0]!.work === 1) throw new Error('no');
      for (const { work, settle } of group) settle(String(work));
    });
    const [fails, next] = [queue.run('a', 1), queue.run('a', 2)];
    await expect(fails).rejects.toThrow('no');
    expect(await next).toBe('2');
  });
});
