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
