import { NotReady, readiness } from './readiness.js';
import { notStalled } from './stalled.js';

describe('readiness', () => {
  it('fails a check that hangs, without waiting for it', async () => {
    const result = await readiness({ hangs: () => new Promise(() => undefined), works: async () => ({}) }, 20);
    expect(result).toEqual({
      ready: false,
      checks: { hangs: { status: 'failed', reason: 'no answer' }, works: { status: 'ok' } },
    });
  });

  it('takes projections for stalled when events wait and nothing moves for half a minute', async () => {
    let [now, position, head] = [0, 5n, 5n];
    const check = notStalled({ head: async () => head, position: async () => position }, () => now);
    await expect(check()).resolves.toEqual({ position: '5', behind: '0' });
    now = 100_000;
    await expect(check()).resolves.toBeDefined();
    head = 9n;
    now += 29_000;
    await expect(check()).resolves.toEqual({ position: '5', behind: '4' });
    now += 2_000;
    await expect(check()).rejects.toBeInstanceOf(NotReady);
    position = 6n;
    await expect(check()).resolves.toEqual({ position: '6', behind: '3' });
  });
});
