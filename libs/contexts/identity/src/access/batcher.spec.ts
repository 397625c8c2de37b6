import { Batcher } from './batcher.js';

describe('questions that come together', () => {
  /** Rounds that end when they are told to. */
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

  it('are asked in one round, each once, and all are answered', async () => {
    const { rounds, batcher } = make();
    const answers = Promise.all(['a', 'b', 'a'].map((q) => batcher.load(q)));
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([['a', 'b']]);
    rounds[0]!.end();
    expect(await answers).toEqual(['a!', 'b!', 'a!']);
  });

  it('never join a round that is on its way, for its answer may be older than they are', async () => {
    const { rounds, batcher } = make();
    const before = batcher.load('a');
    await turn();
    const after = batcher.load('a');
    await turn();
    expect(rounds.map(({ asked }) => asked)).toEqual([['a'], ['a']]);
    for (const { end } of rounds) end();
    expect(await Promise.all([before, after])).toEqual(['a!', 'a!']);
  });

  it('wait and gather while as many rounds run as may', async () => {
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

  it('fail batcher, and the next round is asked again', async () => {
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
