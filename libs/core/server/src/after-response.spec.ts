import { AfterResponseQueue } from './after-response.js';

describe('the after-response queue', () => {
  it('starts work after the response and waits for it on shutdown', async () => {
    const steps: string[] = [];
    const queue = new AfterResponseQueue(() => undefined);
    queue.add('one', async () => {
      steps.push('one');
      queue.add('two', async () => void steps.push('two'));
    });
    steps.push('answer');
    await queue.done();
    expect(steps).toEqual(['answer', 'one', 'two']);
  });

  it('repeats periodic work until shutdown, never two runs at once', async () => {
    let [begun, atOnce, most] = [0, 0, 0];
    const queue = new AfterResponseQueue(() => undefined);
    queue.every('looking', 5, async () => {
      begun += 1;
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setTimeout(resolve, 12));
      atOnce -= 1;
    });
    while (begun < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await queue.done();
    const before = begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([begun, atOnce, most]).toEqual([before, 0, 1]);
  });

  it('reports work that fails and goes on with the rest', async () => {
    const failed: unknown[] = [];
    const queue = new AfterResponseQueue((what, error) => failed.push([what, error]));
    const wrong = new Error('no space');
    queue.add('a mail', async () => {
      throw wrong;
    });
    await queue.done();
    expect(failed).toEqual([['a mail', wrong]]);
  });
});
