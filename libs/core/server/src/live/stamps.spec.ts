import { Stamps } from './stamps.js';

describe('the stamp of a tenant', () => {
  function looking() {
    const looks: { tenant: string; answer: (stamp: string) => void; fail: (error: Error) => void }[] = [];
    const stamps = new Stamps((tenant: string) => {
      const { promise, resolve: answer, reject: fail } = Promise.withResolvers<string>();
      looks.push({ tenant, answer, fail });
      return promise;
    });
    return { looks, stamps };
  }

  it('is looked up once for all who ask while a look is under way, after it', async () => {
    const { looks, stamps } = looking();
    const first = stamps.of('north');
    const others = [stamps.of('north'), stamps.of('north'), stamps.of('north')];
    const south = stamps.of('south');
    expect(looks.map(({ tenant }) => tenant)).toEqual(['north', 'south']);
    looks[0]!.answer('1');
    looks[1]!.answer('x');
    expect([await first, await south]).toEqual(['1', 'x']);
    expect(looks).toHaveLength(3);
    looks[2]!.answer('2');
    expect(await Promise.all(others)).toEqual(['2', '2', '2']);
    const later = stamps.of('north');
    looks[3]!.answer('3');
    expect(await later).toBe('3');
  });

  it('is looked up again after a look that failed', async () => {
    const { looks, stamps } = looking();
    const [first, next] = [stamps.of('north'), stamps.of('north')];
    looks[0]!.fail(new Error('away'));
    await expect(first).rejects.toThrow('away');
    looks[1]!.answer('1');
    expect(await next).toBe('1');
  });
});
