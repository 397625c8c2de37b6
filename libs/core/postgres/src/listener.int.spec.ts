import { isOutage } from './outage.js';
import { Listener } from './listener.js';
import { createPool } from './pool.js';
import { testDatabase, type TestDatabase } from './testing/database.js';
import { databaseProxy, type DatabaseProxy } from './testing/proxy.js';

/** Pauses that end when the spec says so; their lengths are recorded. */
class HeldPauses {
  readonly asked: number[] = [];
  readonly #held = new Set<() => void>();
  readonly pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((done) => {
      const end = (): void => {
        this.#held.delete(end);
        done();
      };
      this.asked.push(ms);
      this.#held.add(end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
    });
  /** The next pause. */
  async waiting(): Promise<number> {
    while (this.#held.size === 0) await new Promise((next) => setTimeout(next, 5));
    return this.#held.size;
  }
  end(): void {
    for (const end of [...this.#held]) end();
  }
}

describe('a listener whose database goes away', () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  beforeAll(async () => {
    database = await testDatabase([]);
    proxy = await databaseProxy(database.adminUrl);
  });
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });
  const url = () => proxy.through(database.adminUrl);
  const say = async (channel: string, text: string): Promise<void> => {
    const pool = createPool(database.adminUrl, { max: 1, application: 'spec' });
    await pool.query('select pg_notify($1, $2)', [channel, text]);
    await pool.end();
  };

  it('asks for one connection at a time, ever more rarely, and hears again when it is back', async () => {
    const pauses = new HeldPauses();
    const errors: unknown[] = [];
    const events: string[] = [];
    const listener = new Listener({ url: url(), application: 'spec', pause: pauses.pause, onInterrupted: (error) => errors.push(error) }); // prettier-ignore
    listener.on('spec_one', { heard: (said) => events.push(said), restored: () => events.push('restored'), lost: () => events.push('lost') }); // prettier-ignore
    await pauses.waiting();
    expect(events).toEqual(['restored']);
    const before = proxy.asked;
    proxy.refuse();
    while (!events.includes('lost')) await new Promise((next) => setTimeout(next, 5));

    const rounds = 24;
    for (let round = 1; round <= rounds; round++) {
      await pauses.waiting();
      // The pause after the loss, then one after each attempt: one attempt per pause.
      expect(proxy.asked - before).toBeLessThanOrEqual(round);
      if (round < rounds) pauses.end();
    }
    expect(errors.length).toBeGreaterThan(rounds - 4);
    for (const error of errors.slice(1)) expect(isOutage(error)).toBe(true);
    const waits = pauses.asked.slice(-10);
    for (const wait of waits) {
      expect(wait).toBeGreaterThanOrEqual(5_000);
      expect(wait).toBeLessThanOrEqual(10_000);
    }
    expect(new Set(waits).size).toBeGreaterThan(1);

    proxy.restore();
    const asked = proxy.asked;
    pauses.end();
    await pauses.waiting();
    expect(events).toEqual(['restored', 'lost', 'restored']);
    expect([proxy.asked - asked, proxy.open]).toEqual([1, 1]);
    await say('spec_one', 'hello');
    while (!events.includes('hello')) await new Promise((next) => setTimeout(next, 5));
    await listener.close();
    while (proxy.open > 0) await new Promise((next) => setTimeout(next, 5));
  });

  it('finds out that its connection is dead although nobody closed it', async () => {
    const pauses = new HeldPauses();
    let restored = 0;
    const listener = new Listener({ url: url(), application: 'spec', pause: pauses.pause, answerMs: 50 });
    listener.on('spec_two', { heard: () => undefined, restored: () => void (restored += 1) });
    await pauses.waiting();
    proxy.swallow();
    // The check that gets no answer, the pause after it, and the next connection.
    for (let left = 2; left > 0; left--) {
      pauses.end();
      await pauses.waiting();
    }
    expect(restored).toBe(2);
    await listener.close();
  });

  it('hears channels that are added while it listens, and ends while it connects', async () => {
    const listener = new Listener({ url: url(), application: 'spec' });
    const heard: string[] = [];
    const hear = (channel: string) =>
      new Promise<void>((restored) =>
        listener.on(channel, { heard: (said) => heard.push(`${channel} ${said}`), restored: () => restored() }),
      );
    await Promise.all([hear('spec_three'), hear('spec_four')]);
    await hear('spec_five');
    expect(proxy.open).toBe(1);
    for (const channel of ['spec_three', 'spec_four', 'spec_five']) await say(channel, 'x');
    while (heard.length < 3) await new Promise((next) => setTimeout(next, 5));
    expect(heard).toEqual(['spec_three x', 'spec_four x', 'spec_five x']);
    await listener.close();
    const late = new Listener({ url: url(), application: 'spec' });
    late.on('spec_six', { heard: () => undefined });
    await late.close();
    while (proxy.open > 0) await new Promise((next) => setTimeout(next, 5));
  });
});
