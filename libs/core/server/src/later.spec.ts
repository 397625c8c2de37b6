import { Later } from './later.js';

describe('work after the answer', () => {
  it('begins when the answer is given, and is waited for', async () => {
    const steps: string[] = [];
    const later = new Later(() => undefined);
    later.add('one', async () => {
      steps.push('one');
      later.add('two', async () => void steps.push('two'));
    });
    steps.push('answer');
    await later.done();
    expect(steps).toEqual(['answer', 'one', 'two']);
  });

  it('is done again and again, never beside itself, until all is done with', async () => {
    let [begun, atOnce, most] = [0, 0, 0];
    const later = new Later(() => undefined);
    later.every('looking', 5, async () => {
      begun += 1;
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setTimeout(resolve, 12));
      atOnce -= 1;
    });
    while (begun < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await later.done();
    const before = begun;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([begun, atOnce, most]).toEqual([before, 0, 1]);
  });

  it('that fails is told of and ends nothing else', async () => {
    const failed: unknown[] = [];
    const later = new Later((what, error) => failed.push([what, error]));
    const wrong = new Error('no room');
    later.add('a mail', async () => {
      throw wrong;
    });
    await later.done();
    expect(failed).toEqual([['a mail', wrong]]);
  });
});
