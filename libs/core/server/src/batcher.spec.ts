import { Batcher } from './batcher.js';

describe('a batcher', () => {
  /** Batches that end on command. */
  const make = (most?: number) => {
    const batches: { keys: readonly string[]; end: (error?: Error) => void }[] = [];
    const batcher = new Batcher<string, string>(
      (keys) =>
        new Promise((resolve, reject) => {
          batches.push({ keys, end: (error) => (error ? reject(error) : resolve(keys.map((q) => `${q}!`))) });
        }),
      most,
    );
    return { batches, batcher };
  };
  const turn = () => new Promise((done) => setImmediate(done));

  it('loads the keys of one turn in one batch, each key once, and answers all callers', async () => {
    const { batches, batcher } = make();
    const answers = Promise.all(['a', 'b', 'a'].map((q) => batcher.load(q)));
    await turn();
    expect(batches.map(({ keys }) => keys)).toEqual([['a', 'b']]);
    batches[0]!.end();
    expect(await answers).toEqual(['a!', 'b!', 'a!']);
  });

  it('never adds a call to a running batch, whose answer may be older than the call', async () => {
    const { batches, batcher } = make();
    const before = batcher.load('a');
    await turn();
    const after = batcher.load('a');
    await turn();
    expect(batches.map(({ keys }) => keys)).toEqual([['a'], ['a']]);
    for (const { end } of batches) end();
    expect(await Promise.all([before, after])).toEqual(['a!', 'a!']);
  });

  it('collects calls while the maximum number of batches runs', async () => {
    const { batches, batcher } = make(1);
    const first = batcher.load('a');
    await turn();
    const rest = [batcher.load('b'), batcher.load('c')];
    await turn();
    expect(batches).toHaveLength(1);
    batches[0]!.end();
    await first;
    await turn();
    expect(batches.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
    batches[1]!.end();
    expect(await Promise.all(rest)).toEqual(['b!', 'c!']);
  });

  it('fails all calls of a failed batch and loads the next batch anew', async () => {
    const { batches, batcher } = make();
    const failing = Promise.allSettled([batcher.load('a'), batcher.load('b')]);
    await turn();
    batches[0]!.end(new Error('connection lost'));
    expect((await failing).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const again = batcher.load('a');
    await turn();
    batches[1]!.end();
    expect(await again).toBe('a!');
  });
});
