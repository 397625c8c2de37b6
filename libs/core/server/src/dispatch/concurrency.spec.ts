import { isRejection } from '@daybook/kernel';
import { anonymous } from './access.js';
import { ConcurrencyLimits, concurrencyRules } from './concurrency.js';

const of = (person: string, tenant = 'acme') => ({ tenant, actor: { kind: 'person', id: person } as const });
const small = { query: { caller: { running: 2, waiting: 3 }, tenant: { running: 3, waiting: 10 } } };
const settled = () => new Promise((resume) => setImmediate(resume));

/** Who was let in, in order; each has an end. */
function door(rules = small) {
  const limits = new ConcurrencyLimits({ ...concurrencyRules, ...rules });
  const began: string[] = [];
  const refused: unknown[] = [];
  const ends = new Map<string, () => void>();
  const enter = async (name: string, who: Parameters<ConcurrencyLimits['enter']>[1], signal?: AbortSignal) => {
    const leave = await limits.enter('query', who, '203.0.113.7', signal);
    if (isRejection(leave)) refused.push(leave);
    else {
      began.push(name);
      ends.set(name, leave);
    }
  };
  const end = async (name: string) => (ends.get(name)?.(), settled());
  return { limits, began, refused, enter, end };
}

describe('operations at the same time', () => {
  it('wait in order beyond what one caller may run, and are refused with a time to wait beyond that', async () => {
    const { began, refused, enter, end } = door();
    const all = ['1', '2', '3', '4', '5', '6'].map((name) => enter(name, of('ada')));
    await settled();
    expect(began).toEqual(['1', '2']);
    expect(refused).toMatchObject([{ status: 429, details: { retryAfterSeconds: 1 } }]);
    await end('2');
    expect(began).toEqual(['1', '2', '3']);
    for (const name of ['1', '3', '4', '5']) await end(name);
    await Promise.all(all);
    expect(began).toEqual(['1', '2', '3', '4', '5']);
  });

  it('leave others of the tenant their turn, whatever one caller sends', async () => {
    const { began, enter, end } = door();
    for (const name of ['a1', 'a2', 'a3', 'a4']) void enter(name, of('ada'));
    void enter('b1', of('bo'));
    void enter('b2', of('bo'));
    void enter('c1', of('cy'));
    void enter('x1', of('xi', 'other tenant'));
    await settled();
    expect(began).toEqual(['a1', 'a2', 'b1', 'x1']);
    // The third of ada comes after those who wait for the tenant already.
    await end('a1');
    expect(began.at(-1)).toBe('b2');
    await end('b1');
    expect(began.at(-1)).toBe('c1');
    await end('a2');
    expect(began.at(-1)).toBe('a3');
  });

  it('give up their place when the caller leaves while waiting', async () => {
    const { began, enter, end, limits } = door();
    const left = new AbortController();
    for (const name of ['1', '2']) void enter(name, of('ada'));
    const waiting = enter('3', of('ada'), left.signal);
    const waitingForTenant = [enter('4', of('bo')), enter('5', of('bo'), left.signal)];
    void enter('6', of('ada'));
    await settled();
    left.abort();
    await expect(waiting).rejects.toThrow('aborted');
    await expect(waitingForTenant[1]).rejects.toThrow('aborted');
    await end('1');
    await end('2');
    expect(began).toEqual(['1', '2', '4', '6']);
    await expect(limits.enter('query', of('ada'), null, left.signal)).rejects.toThrow('aborted');
  });

  it('are counted by network address before sign-in, and queries apart from commands', async () => {
    const { limits, began, enter } = door();
    for (const name of ['1', '2', '3']) void enter(name, anonymous);
    await settled();
    expect(began).toEqual(['1', '2']);
    expect(isRejection(await limits.enter('query', anonymous, '203.0.113.8'))).toBe(false);
    expect(isRejection(await limits.enter('command', anonymous, '203.0.113.7'))).toBe(false);
  });

  it('let somebody sign in while 64 others before sign-in wait for a slow sign-in provider', async () => {
    const { limits } = door();
    const of = (network: number) => limits.enter('command', anonymous, `203.0.113.${network}`);
    const { caller, tenant } = concurrencyRules.command;
    const networks = tenant.running / caller.running;
    await Promise.all(Array.from({ length: tenant.running }, (_, n) => of(n % networks)));
    expect(isRejection(await of(networks))).toBe(false);
  });

  it('are forgotten when they end', async () => {
    const { limits, enter, end } = door();
    for (const name of ['1', '2', '3']) void enter(name, of('ada'));
    await settled();
    for (const name of ['1', '2', '3']) await end(name);
    expect((limits as unknown as { lanes: Map<string, unknown> }).lanes.size).toBe(0);
  });
});
