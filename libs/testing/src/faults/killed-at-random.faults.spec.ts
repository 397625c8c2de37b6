import { drained, faultRounds, lanes } from './fault-rounds.js';
import { Random } from './random.js';
import { isTimeUp, runOptions } from './run-options.js';

/* The smallest program is killed under load at random, and at once started again. What must hold: killed-at-fail-points. */
const { seed, rounds } = runOptions;
const longMs = 24 * 3_600_000;

it(
  'leaves all or nothing wherever it is killed under load',
  async () => {
    let [done, killed] = [0, 0];
    const lane = async (_: unknown, at: number): Promise<void> => {
      const random = new Random(seed * 31 + at);
      const program = await faultRounds();
      for (let round = 1; round <= Math.ceil(rounds / lanes) && (round === 1 || !isTimeUp(0.8)); round++) {
        const kill = { after: random.upTo(1_200) };
        const { wasKilled } = await program.run(kill, random.upTo(12));
        const place = { seed, lane: at, round, kill };
        expect({ place, faults: await program.faults({ isIdle: !wasKilled }) }).toEqual({ place, faults: [] });
        done += 1;
        if (wasKilled) killed += 1;
        if (round % 20 === 0) await drained(program);
      }
      await drained(program);
      await program.end();
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    process.stdout.write(`Killed ${killed} times in ${done} of ${rounds} rounds at random.\n`);
    // A kill may come after the end, but not each time.
    expect(killed > 0 || done < 20).toBe(true);
  },
  longMs,
);
