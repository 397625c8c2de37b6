import type { ServerProcess } from './server-process.js';
import { DatabaseStartError, startErrorFrom } from './start-error.js';
import { restarts, supervise, type DatabaseWatcher } from './supervisor.js';

/** A run that ends when the spec says so. */
class Run implements ServerProcess {
  readonly ready: Promise<number>;
  readonly ended: Promise<string>;
  stopped = false;
  end: (said?: string) => void = () => undefined;
  constructor(failure: string | null = null) {
    this.ended = new Promise((done) => (this.end = (said = '') => done(said)));
    this.ready = failure === null ? Promise.resolve(1) : Promise.reject(new Error(failure));
    this.ready.catch(() => undefined);
  }
  stop(): Promise<void> {
    this.stopped = true;
    this.end();
    return Promise.resolve();
  }
}

/** A database whose next starts end as `outcomes` say: null succeeds, a text is the output of a failure. */
function database(outcomes: (string | null)[]) {
  const reported: string[] = [];
  const waits: number[] = [];
  const runs = [new Run()];
  let clock = 0;
  let over: () => void = () => undefined;
  let back: () => void = () => undefined;
  const gaveUp = new Promise<void>((done) => (over = done));
  const watcher: DatabaseWatcher = {
    lost: (why) => void reported.push(why),
    back: () => (reported.push('back'), back()),
    givenUp: (error) => (reported.push(`given up: ${error.code}`), over()),
  };
  const supervisor = supervise(runs[0]!, {
    launch: () => {
      const run = new Run(outcomes.shift() ?? null);
      runs.push(run);
      return Promise.resolve(run);
    },
    meaning: (failure) => startErrorFrom(failure, '/data'),
    watcher,
    wait: (ms) => (waits.push(ms), Promise.resolve()),
    now: () => clock,
  });
  const endAndComeBack = async (said = ''): Promise<void> => {
    const isBack = new Promise<void>((done) => (back = done));
    runs.at(-1)!.end(said);
    await isBack;
  };
  return { reported, waits, runs, supervisor, gaveUp, endAndComeBack, pass: (ms: number) => (clock += ms) };
}
const full = 'could not write file: No space left on device';

describe('an embedded database that ends', () => {
  it('is started again, and who watches hears of it', async () => {
    const one = database([]);
    await one.endAndComeBack();
    expect(one.reported).toEqual(['ended', 'back']);
    expect(one.waits).toEqual([restarts.firstWaitMs]);
    await one.supervisor.stop();
    expect(one.runs.map(({ stopped }) => stopped)).toEqual([false, true]);
  });

  it('is given up after so many tries in a row, with what it said last, each wait twice the one before', async () => {
    const one = database(Array<string>(20).fill('Address already in use'));
    one.runs[0]!.end();
    await one.gaveUp;
    expect(one.reported).toEqual(['ended', 'given up: port-in-use']);
    expect(one.waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(one.waits).toHaveLength(restarts.most);
    await one.supervisor.stop();
  });

  it('is given up as well when it starts each time and ends at once', async () => {
    const one = database([]);
    for (let i = 0; i < restarts.most; i++) await one.endAndComeBack();
    one.runs.at(-1)!.end();
    await one.gaveUp;
    expect(one.reported.at(-1)).toBe('given up: failed');
    await one.supervisor.stop();
  });

  it('counts anew after a time without trouble', async () => {
    const one = database([]);
    for (let i = 0; i < 3 * restarts.most; i++) {
      one.pass(restarts.calmMs);
      await one.endAndComeBack();
    }
    expect(new Set(one.waits)).toEqual(new Set([restarts.firstWaitMs]));
    await one.supervisor.stop();
  });

  it('waits for space on a full disk for as long as it takes', async () => {
    const one = database([...Array<string>(50).fill(full), null]);
    await one.endAndComeBack(full);
    expect(one.reported).toEqual(['full-disk', 'back']);
    expect(one.waits).toHaveLength(51);
    expect(Math.max(...one.waits)).toBe(restarts.longestWaitMs);
    await one.supervisor.stop();
  });

  it('stays stopped when it is stopped while a start is awaited', async () => {
    const reported: string[] = [];
    const first = new Run();
    let launched = 0;
    let waiting: () => void = () => undefined;
    const waits = new Promise<void>((done) => (waiting = done));
    const supervisor = supervise(first, {
      launch: () => (launched++, Promise.resolve(new Run())),
      meaning: () => new DatabaseStartError('failed', ''),
      watcher: {
        lost: (why) => reported.push(why),
        back: () => reported.push('back'),
        givenUp: () => reported.push('given up'),
      },
      wait: (_, signal) => (waiting(), new Promise((done) => signal.addEventListener('abort', () => done()))),
    });
    first.end();
    await waits;
    await supervisor.stop();
    expect([launched, reported]).toEqual([0, ['ended']]);
  });
});
