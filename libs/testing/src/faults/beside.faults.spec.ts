import { Client } from 'pg';
import { drained, faultRounds } from './fault-rounds.js';
import { Random } from './random.js';
import { runOptions } from './run-options.js';

const longMs = 3_600_000;

describe('two programs on one database', () => {
  it(
    'write and project beside one another, with the same commands sent to both, and nothing happens twice',
    async () => {
      const programs = await faultRounds();
      for (let round = 0; round < 3; round++) {
        await programs.runBeside(null);
        expect(await programs.faults({ isIdle: false })).toEqual([]);
      }
      await drained(programs);
      await programs.end();
    },
    longMs,
  );

  it(
    'take over from one another when one is killed, wherever that is',
    async () => {
      const random = new Random(runOptions.seed);
      const programs = await faultRounds();
      for (let round = 0; round < 8; round++) {
        const kill = { after: random.upTo(800) };
        await programs.runBeside(kill);
        expect([kill, await programs.faults({ isIdle: false })]).toEqual([kill, []]);
      }
      await drained(programs);
      await programs.end();
    },
    longMs,
  );

  it(
    'are not held up by a long transaction of somebody else that has read and written',
    async () => {
      const program = await faultRounds();
      await program.run(null);
      const other = new Client({ connectionString: program.adminUrl });
      await other.connect();
      // It has a snapshot and a transaction id, which keeps all row versions and all positions that are given by them.
      await other.query(
        'begin isolation level repeatable read; create table public.held (n int); select count(*) from store.events',
      );
      const { wasKilled } = await program.run(null);
      expect([wasKilled, await program.faults({ isIdle: true })]).toEqual([false, []]);
      await other.query('rollback');
      await other.end();
      await program.end();
    },
    longMs,
  );
});
