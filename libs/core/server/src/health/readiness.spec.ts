import { lagShown, watchLag } from './lag.js';
import { readiness, sharedReadiness } from './readiness.js';

describe('readiness', () => {
  it('fails a check that hangs', async () => {
    const result = await readiness({ hangs: () => new Promise(() => undefined), works: async () => ({}) }, 20);
    expect(result).toEqual({
      ready: false,
      checks: { hangs: { status: 'failed', reason: 'no answer' }, works: { status: 'ok' } },
    });
  });

  it('runs the checks once for all who ask meanwhile, and again for the next, also after a failure', async () => {
    const runs: PromiseWithResolvers<Record<string, number>>[] = [];
    const database = () => (runs[runs.length] = Promise.withResolvers()).promise;
    const asked = sharedReadiness({ database });
    const many = Array.from({ length: 1_500 }, asked);
    expect(runs).toHaveLength(1);
    runs[0]!.reject(new Error('away'));
    for (const { ready } of await Promise.all(many)) expect(ready).toBe(false);
    const next = asked();
    expect(runs).toHaveLength(2);
    runs[1]!.resolve({});
    expect((await next).ready).toBe(true);
  });

  it('reports lag and progress of the projections, and stays ready', async () => {
    let [now, position, head] = [0, 5n, 5n];
    const lag = watchLag({ head: async () => head, position: async () => position }, () => now);
    const check = async () => {
      const { ready, checks } = await readiness({ projections: lagShown(lag) });
      expect([ready, checks['projections']?.status]).toEqual([true, 'ok']);
      const { status: _, ...details } = checks['projections']!;
      return details;
    };
    expect(await check()).toEqual({ state: 'level', position: '5', behind: '0', stillSeconds: 0 });
    now = 100_000;
    expect(await check()).toMatchObject({ state: 'level', stillSeconds: 0 });
    head = 9n;
    now += 29_000;
    expect(await check()).toEqual({ state: 'behind', position: '5', behind: '4', stillSeconds: 29 });
    now += 321_000;
    expect(await check()).toEqual({ state: 'stalled', position: '5', behind: '4', stillSeconds: 350 });
    position = 6n;
    expect(await check()).toEqual({ state: 'behind', position: '6', behind: '3', stillSeconds: 0 });
  });

  it('is not ready when the lag cannot be determined', async () => {
    const lag = watchLag({ head: async () => 1n, position: () => Promise.reject(new Error('away')) });
    expect(await readiness({ projections: lagShown(lag) })).toMatchObject({ ready: false });
  });
});
