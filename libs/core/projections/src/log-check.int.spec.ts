import { type EventStore, identifyCopy, identifyLog } from '@daybook/event-store';
import { adoptLog, checkLog, LogReplaced, readCheckpoint, rebuildFromThisLog } from './log-check.js';
import { type Bench, openBench } from './testing/engine.js';
import { EventLog } from './testing/event-log.js';
import { noteWritten } from './testing/notes.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1', day: null });

/** A store whose log can be replaced, as an operator replaces the server at an address. */
class Exchangeable implements EventStore {
  readonly findsRepeats = false;
  constructor(public log: EventLog) {}
  append: EventStore['append'] = (...args) => this.log.append(...args);
  appendGroup: EventStore['appendGroup'] = (...args) => this.log.appendGroup(...args);
  readStream: EventStore['readStream'] = (...args) => this.log.readStream(...args);
  readAll: EventStore['readAll'] = (...args) => this.log.readAll(...args);
  subscribeAll: EventStore['subscribeAll'] = (options) => this.log.subscribeAll(options);
  lastRevisions: EventStore['lastRevisions'] = (streams) => this.log.lastRevisions(streams);
  eventAt: EventStore['eventAt'] = (position) => this.log.eventAt(position);
  head = (): Promise<bigint> => this.log.head();
  close = async (): Promise<void> => undefined;
}

/** A log with an identity and these notes. */
async function logOf(...notes: string[]): Promise<EventLog> {
  const log = new EventLog();
  await identifyLog(log);
  for (const note of notes) await log.record(tenant, stream, written(note));
  return log;
}

/** The log as it was after its first `count` events; later events are recorded at another time. */
async function restored(log: EventLog, count: number): Promise<EventLog> {
  const older = new EventLog();
  for (const event of log.events.slice(0, count)) await older.append(event.stream, 'any', [event]);
  older.startsAt += 3_600_000;
  return older;
}

describe('read models whose log was replaced', () => {
  let bench: Bench;
  let store: Exchangeable;
  beforeEach(async () => {
    bench = await openBench();
    store = new Exchangeable(await logOf('a', 'b', 'c'));
    await adoptLog(bench.pool, store, true);
    await bench.engine({ store }).catchUp();
  });
  afterEach(() => bench.end());

  const refused = async (): Promise<LogReplaced> => {
    const [started, running, mine] = await Promise.all(
      [
        () => adoptLog(bench.pool, store, true),
        () => bench.engine({ store }).catchUp(),
        () => adoptLog(bench.pool, store, false),
      ].map(
        // prettier-ignore
        (work) => work().then(() => null, (error: unknown) => error), // prettier-ignore
      ),
    );
    for (const error of [started, running, mine]) expect(error).toBeInstanceOf(LogReplaced);
    return started as LogReplaced;
  };

  it('continue with the same log after restarts', async () => {
    const { log, position, last } = await readCheckpoint(bench.pool);
    expect([log, position]).toEqual([await identifyLog(store), 4n]);
    expect(last).toMatchObject({ id: store.log.events[3]!.id, stream, revision: 2 });
    await adoptLog(bench.pool, store, true);
    await store.log.record(tenant, stream, written('d'));
    await bench.engine({ store }).catchUp();
    expect(await readCheckpoint(bench.pool)).toMatchObject({ log, position: 5n, last: { revision: 3 } });
  });

  it('are refused on a log that was restored from an older backup', async () => {
    store.log = await restored(store.log, 3);
    const { difference, message } = await refused();
    expect(difference).toBe('restored');
    expect(message).toContain('daybook projections rebuild --from-this-log');
  });

  it('are refused when the restored log has grown past them again', async () => {
    store.log = await restored(store.log, 2);
    for (const note of ['x', 'y', 'z']) await store.log.record(tenant, stream, written(note));
    expect((await refused()).difference).toBe('restored');
  });

  it('are refused on a log whose tail was rewritten to the same length', async () => {
    const right = store.log;
    store.log = await restored(right, 3);
    await store.log.record('0190a1b2-0000-7000-8000-00000000a002', stream, written('c'));
    expect(await store.head()).toBe(4n);
    expect((await refused()).difference).toBe('restored');
  });

  it('are refused when a caller retried the lost command with its idempotency key, which gives the same event id', async () => {
    const right = store.log;
    store.log = await restored(right, 3);
    await store.log.record(tenant, stream, written('c'));
    expect(store.log.events.at(-1)).toMatchObject({ id: right.events.at(-1)!.id, revision: 2, position: 4n });
    expect((await refused()).difference).toBe('restored');
  });

  it('are refused on an empty log, and write nothing to it', async () => {
    store.log = new EventLog();
    expect((await refused()).difference).toBe('emptied');
    expect(store.log.events).toEqual([]);
  });

  it('are refused on another log that is longer or as long', async () => {
    store.log = await logOf('x', 'y', 'z');
    expect((await refused()).difference).toBe('other-log');
    store.log = await logOf('x', 'y', 'z', 'u', 'v');
    expect((await refused()).difference).toBe('other-log');
  });

  it('are refused on an identical copy of their log, because a copy has its own identity', async () => {
    store.log = await restored(store.log, 4);
    await adoptLog(bench.pool, store, true);
    await identifyCopy(store);
    expect((await refused()).difference).toBe('other-log');
  });

  it('continue when the right log is back', async () => {
    const right = store.log;
    store.log = await logOf('x');
    await refused();
    store.log = right;
    await adoptLog(bench.pool, store, true);
    await right.record(tenant, stream, written('d'));
    expect(await bench.engine({ store }).catchUp()).toBe(5n);
  });

  it('stop a running engine, which applies nothing of the other log and logs it once', async () => {
    const said: unknown[] = [];
    const engine = bench.engine({ store, log: (event, fields) => void said.push([event, fields['error']]) });
    const right = store.log;
    engine.start();
    await right.record(tenant, stream, written('d'));
    while ((await readCheckpoint(bench.pool)).position < 5n) await new Promise((done) => setTimeout(done, 5));
    // Later events arrive over the same subscription, but from another store.
    store.log = await logOf('x');
    await right.record(tenant, stream, written('e'));
    while (said.length === 0) await new Promise((done) => setTimeout(done, 5));
    expect(said[0]).toEqual(['projections.refused', expect.stringContaining('The event log is another one')]);
    expect((await readCheckpoint(bench.pool)).position).toBe(5n);
    store.log = right;
    while ((await readCheckpoint(bench.pool)).position < 6n) await new Promise((done) => setTimeout(done, 5));
    await engine.stop();
    expect(new Set(said.map((line) => JSON.stringify(line))).size).toBe(1);
    expect(said.length).toBeLessThanOrEqual(2);
  });

  it('are rebuilt from another log on request while the projector runs', async () => {
    const engine = bench.engine({ store });
    engine.start();
    store.log = await logOf('x', 'y');
    const { log, dropped } = await rebuildFromThisLog(bench.pool, store);
    expect([log, dropped]).toEqual([await identifyLog(store), 2]);
    for (;;) {
      const { position } = await readCheckpoint(bench.pool);
      if (position === 3n) break;
      await new Promise((done) => setTimeout(done, 5));
    }
    await engine.stop();
    const rows = await bench.dump(await bench.live('notes'));
    expect(rows.filter((row) => row.startsWith('notes ')).map((row) => /,(x|y),/.exec(row)?.[1])).toEqual(['x', 'y']);
    expect(await readCheckpoint(bench.pool)).toMatchObject({ log, last: { revision: 1 } });
  });
});

describe('an empty database', () => {
  let bench: Bench;
  beforeEach(async () => void (bench = await openBench()));
  afterEach(() => bench.end());

  it('accepts an empty log, whichever process starts first, and the log of another database', async () => {
    const log = new EventLog();
    await Promise.all([adoptLog(bench.pool, log, false), adoptLog(bench.pool, log, true)]);
    const identity = await identifyLog(log);
    expect(await readCheckpoint(bench.pool)).toEqual({ log: identity, position: 0n, last: null });
    await expect(checkLog(await logOf('a'), await readCheckpoint(bench.pool))).rejects.toBeInstanceOf(LogReplaced);
    await bench.pool.query('update projections.checkpoint set log = null');
    const used = await logOf('a', 'b');
    await adoptLog(bench.pool, used, true);
    expect((await readCheckpoint(bench.pool)).log).toBe(await identifyLog(used));
  });
});
