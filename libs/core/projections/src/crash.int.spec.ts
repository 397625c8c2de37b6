import { createPool } from '@daybook/postgres';
import type { Pool } from 'pg';
import { openBench } from './testing/engine.js';
import { noteAdded, notesImported, noteStaged, noteWritten } from './testing/notes.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';

/** A pool whose connection breaks at the n-th statement of a transaction, as if the process were killed. */
function breaking(pool: Pool, at: number): Pool {
  let statements = 0;
  const connect = async () => {
    const client = await pool.connect();
    const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection;
    const query = (...args: unknown[]) => {
      statements += 1;
      if (statements === at) stream.destroy();
      return (client.query as (...all: unknown[]) => unknown).apply(client, args);
    };
    return { query, release: (broken?: Error) => client.release(broken) };
  };
  return { connect, query: pool.query.bind(pool) } as unknown as Pool;
}

it('leaves all of a batch or nothing of it, wherever the process is killed', async () => {
  const bench = await openBench();
  try {
    await bench.engine().catchUp();
    const staging = `testing.import-${tenant}-1`;
    await bench.log.record(tenant, staging, noteStaged.of({ noteId: 'x', text: '', amount: '2', day: null }));
    await bench.log.record(
      tenant,
      `testing.note-${tenant}-1`,
      noteWritten.of({ noteId: 'a', text: '', amount: '1', day: null }),
      noteAdded.of({ noteId: 'a', amount: '0.5' }),
      notesImported.of({ stream: staging, count: 1 }),
      noteAdded.of({ noteId: 'x', amount: '0.5' }),
    );
    const nothing: string[] = [];
    for (let at = 1; ; at++) {
      const pool = createPool(bench.database.projectorUrl, { max: 2, application: 'crash spec' });
      const died = await bench
        .engine({ pool: breaking(pool, at) })
        .catchUp()
        .then(() => false, () => true); // prettier-ignore
      await pool.end();
      const { rows } = await bench.pool.query<{ position: string }>('select position from projections.checkpoint');
      const notes = await bench.dump(await bench.live('notes'));
      if (rows[0]!.position === '0') expect(notes).toEqual(nothing);
      else {
        expect(rows[0]!.position).toBe('5');
        expect(notes).toHaveLength(8);
        if (died) continue;
        expect(at).toBeGreaterThan(15);
        break;
      }
    }
  } finally {
    await bench.end();
  }
}, 120_000);
