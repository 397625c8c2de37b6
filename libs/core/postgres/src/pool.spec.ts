import { timeLimits } from './limits.js';
import { clientConfig } from './connection.js';
import { createPool } from './pool.js';

const url = 'postgresql://kari:secret@127.0.0.1:1/books';

describe('who waits for a connection', () => {
  it.each(Object.entries(timeLimits))(
    'with the %s limits waits for a free one longer than for a server that is away',
    (_, limits) => {
      const options = { application: 'spec', timeLimits: limits };
      const pool = createPool(url, { ...options, max: 1 });
      expect(pool.options.connectionTimeoutMillis).toBeGreaterThanOrEqual(2 * limits.connectMs);
      expect(pool.options.connectionTimeoutMillis).toBeGreaterThanOrEqual(limits.waitMs);
      expect(clientConfig(url, options).connectionTimeoutMillis).toBe(limits.connectMs);
    },
  );
});
