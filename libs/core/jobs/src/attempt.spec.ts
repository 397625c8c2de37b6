import { attempt, JobAborted } from './attempt.js';

const never = (): Promise<never> => new Promise(() => undefined);

describe('an attempt whose handler ignores its abort signal', () => {
  it.each(['cancelled', 'stopping'] as const)(
    'gives its slot back when its claim is lost after it was %s',
    async (cause) => {
      const [controller, claim] = [new AbortController(), new AbortController()];
      const outcome = attempt(never, controller, 3600, claim.signal);
      controller.abort(new JobAborted(cause));
      claim.abort();
      expect(await outcome).toEqual({ kind: 'stopped', cause });
    },
  );

  it('tells its handler that its claim is lost', async () => {
    const [controller, claim] = [new AbortController(), new AbortController()];
    const outcome = attempt(never, controller, 3600, claim.signal);
    claim.abort();
    expect(await outcome).toEqual({ kind: 'stopped', cause: 'claim-lost' });
    expect(controller.signal.reason).toMatchObject({ stop: 'claim-lost' });
  });

  it('is abandoned when its claim was lost before it began', async () => {
    const outcome = await attempt(never, new AbortController(), 3600, AbortSignal.abort());
    expect(outcome).toEqual({ kind: 'stopped', cause: 'claim-lost' });
  });
});
