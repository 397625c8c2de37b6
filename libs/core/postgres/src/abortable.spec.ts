import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { abortable } from './abortable.js';

describe('work that is aborted', () => {
  it('keeps its connection until the cancellation has ended, which would hit the next statement on it', async () => {
    const [asked, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    /** Lends a connection whose statements begin, and end when they are let go. */
    class HeldDriver extends DummyDriver {
      override async acquireConnection() {
        return {
          executeQuery: async () => {
            asked.resolve();
            await held.promise;
            return { rows: [] };
          },
          streamQuery: () => {
            throw new Error('Nothing is streamed here');
          },
        };
      }
    }
    const db = new Kysely<object>({
      dialect: {
        createAdapter: () => new PostgresAdapter(),
        createDriver: () => new HeldDriver(),
        createIntrospector: (on) => new PostgresIntrospector(on),
        createQueryCompiler: () => new PostgresQueryCompiler(),
      },
    });
    const left = new AbortController();
    let isGivenBack = false;
    const work = abortable(db, { on: db, backend: 1, signal: left.signal }, () => asked.promise).finally(
      () => (isGivenBack = true),
    );
    left.abort();
    await asked.promise;
    await new Promise((resume) => setImmediate(resume));
    expect(isGivenBack).toBe(false);
    held.resolve();
    await work;
  });
});
