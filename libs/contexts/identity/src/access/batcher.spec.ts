import { Batcher } from './batcher.js';

describe('a batcher', () => {
  /** Batches that end on command. */
  const make = (most?: number) => {
    const rounds: { asked: readonly string[]; end: (error?: Error) => void }[] = [];
    const batcher = new Batcher<string, string>(
      (asked) =>
        new Promise((resolve, reject) => {
          rounds.push({ asked, end: (error) => (error ? reject(error) : resolve(asked.map((q) => `${q}!`))) });
        }),
      most,
    );
    return { rounds, batcher };
  };
  const turn = () => new Promise((done) => setImmediate(done));

  it('loads the keys of one turn in one batch, each key once, and answers all callers', async () => {
    const { rounds, batcher } = make();
    const answers = Promise.all(['a', 'b', 'a'].map((q) => batcher.load(q)));
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([['a', 'b']]);
    rounds[0]!.end();
    expect(await answers).toEqual(['a!', 'b!', 'a!']);
  });

  it('never adds a call to a running batch, whose answer may be older than the call', async () => {
    const { rounds, batcher } = make();
    const before = batcher.load('a');
    await turn();
    const after = batcher.load('a');
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([['a'], ['a']]);
    for (const { end } of rounds) end();
    expect(await Promise.all([before, after])).toEqual(['a!', 'a!']);
  });

  it('collects calls while the maximum number of batches runs', async () => {
    const { rounds, batcher } = make(1);
    const first = batcher.load('a');
    await turn();
    const rest = [batcher.load('b'), batcher.load('c')];
    await turn();
    expect(rounds).toHaveLength(1);
    rounds[0]!.end();
    await first;
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([['a'], ['b', 'c']]);
    rounds[1]!.end();
    expect(await Promise.all(rest)).toEqual(['b!', 'c!']);
  });

  it('fails all calls of a failed batch and loads the next batch anew', async () => {
    const { rounds, batcher } = make();
    const failing = Promise.allSettled([batcher.load('a'), batcher.load('b')]);
    await turn();
    rounds[0]!.end(new Error('connection lost'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = batcher.load('a');
    await turn();
    rounds[1]!.end();
    expect(await again).toBe('a!');
  });
});
