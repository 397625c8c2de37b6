import { type Broken, brokenParts } from './broken.js';
import { faultRounds } from './fault-rounds.js';
import { Random } from './random.js';
import { runOptions } from './run-options.js';

/* The test of the tests: what the fault rounds look for, they find in a program that is broken on purpose (broken.ts). */
const shows: Readonly<Record<Broken, RegExp>> = {
  'answers before the commit': /was acknowledged and is not in the log/,
  'commits the rows before the checkpoint': /a read model (has|is parked: duplicate key)/,
  'sends the commands of a process under new ids': /faults\.receipt-(booked|counted|settled) happened 2 times/,
  'repeats a job under a new id': /faults\.receipt-stamped happened 2 times/,
  'ends a job before its work': /faults\.receipt-stamped happened 0 times/,
  // Two at once make a wrong row, or the same row twice, which PostgreSQL refuses.
  'applies what another program applied': /a read model (has|lacks|is parked: duplicate key)/,
};
const mostRounds = 20;

it.each(Object.keys(shows) as Broken[])(
  'notices a program that %s',
  async (broken) => {
    const random = new Random(runOptions.seed);
    const program = await faultRounds(broken);
    const { points } = await program.run(null, 6);
    expect(await program.faults({ isIdle: true })).toEqual([]);
    const { killAt } = brokenParts[broken];
    const point = Object.keys(points).find((one) => killAt?.test(one));
    expect(killAt === null || point !== undefined).toBe(true);
    const fault = async (): Promise<string[]> => {
      if (point === undefined) await program.runBeside(null, 12);
      else await program.run({ point, time: random.upTo(6) }, 6);
      const faults = await program.faults({ isIdle: false });
      if (faults.length > 0) return faults;
      await program.run(null, 0);
      return program.faults({ isIdle: true });
    };
    let found: string[] = [];
    for (let round = 0; round < mostRounds && found.length === 0; round++) found = await fault();
    expect(found).toContainEqual(expect.stringMatching(shows[broken]));
    await program.end();
  },
  600_000,
);
