import { ShutdownHooks } from './shutdown-hooks.js';

describe('shutdown', () => {
  const opened = () => {
    const closed: string[] = [];
    const hooks = new ShutdownHooks();
    for (const name of ['pool', 'listener', 'store']) {
      hooks.add(name, (one) => {
        closed.push(one);
        if (one === 'listener') throw new Error('no connection');
      });
    }
    return { closed, hooks };
  };

  it('closes everything in reverse order, also when one step fails, and reports the failure', async () => {
    const { closed, hooks } = opened();
    await expect(hooks.onApplicationShutdown()).rejects.toThrow(AggregateError);
    expect(closed).toEqual(['store', 'listener', 'pool']);
  });

  it('keeps the reason why a start failed when closing fails too', async () => {
    const { closed, hooks } = opened();
    await expect(hooks.orElse(Promise.reject(new Error('port in use')))).rejects.toThrow('port in use');
    expect(closed).toHaveLength(3);
  });
});
