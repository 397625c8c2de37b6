import type { Listener } from '@daybook/postgres';
import type { Pool } from 'pg';
import type { ConstructorOptions } from 'pg-boss';

/** Lets pg-boss use our pool and listener instead of creating its own. */
export const queueDatabase = (pool: Pool, listener: Listener): NonNullable<ConstructorOptions['db']> => ({
  executeSql: (text, values) => pool.query(text, values as unknown[]),
  listen: (channel, heard, restored) => {
    const stop = listener.on(channel, { heard, restored });
    return Promise.resolve({ close: () => Promise.resolve(stop()) });
  },
});
