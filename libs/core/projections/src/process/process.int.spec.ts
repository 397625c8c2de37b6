import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { StoreUnavailable } from '@daybook/event-store';
import { expectGolden } from '@daybook/event-store/testing/golden';
import { done, type Process, process, processDue, processRecordId, remember, send } from '@daybook/kernel';
import { onRoundTrip } from '@daybook/postgres/round-trips';
import type { ProjectionEngine } from '../engine.js';
import { rebuildFromThisLog } from '../log-check.js';
import { CheckpointMoved } from '../registry.js';
import { type Bench, openBench } from '../testing/engine.js';
import { noteAdded, noteRemoved, noteWritten } from '../testing/notes.js';
import { busy, filing, full, stamp, TestWorld } from '../testing/processes.js';
import { knowProcesses } from './process-registry.js';

const [tenant, other] = ['0190a1b2-0000-7000-8000-00000000a001', '0190a1b2-0000-7000-8000-00000000a002'] as const;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1', day: null });
const added = (noteId: string) => noteAdded.of({ noteId, amount: '1' });
const filed = (noteId: string) => [`file ${noteId} 0`, `stamp ${noteId} 0`, expect.stringMatching(`^shelve at .*\\(${noteId}\\)$`)]; // prettier-ignore

describe('a process', () => {
  let bench: Bench;
  let world: TestWorld;
  let now: Date;
  beforeEach(async () => {
    bench = await openBench();
    world = new TestWorld();
    now = new Date('2026-03-31T12:00:00Z');
    await knowProcesses(bench.pool, [filing()]);
  });
  afterEach(() => bench.end());

  const engineOf = (process: Process = filing()): ProjectionEngine =>
    bench.engine({ processes: world.deps(process), now: () => now });
  const record = (of: string, ...events: Parameters<Bench['log']['record']>[2][]) =>
    bench.log.record(of, `testing.note-${of}-1`, ...events);
  /** Everything that is to be done now. */
  const run = async (engine = engineOf()): Promise<string[]> => {
    const before = world.did.length;
    await engine.catchUp();
    while (await engine.processes.advance());
    return world.did.slice(before);
  };
  const status = async () => (await engineOf().status()).find(({ kind }) => kind === 'process')!;
  const instances = async () =>
    (await bench.pool.query('select instance, state, due from projections.process_instance order by instance')).rows;

  it('sends its commands in order, with the state that the events before made', async () => {
    await record(tenant, written('a'), added('a'), written('b'), added('a'));
    expect(await run()).toEqual([...filed('a'), 'stamp a 1', ...filed('b'), 'stamp a 2']);
    expect(await run()).toEqual([]);
    expect(await instances()).toMatchObject([
      { instance: 'a', state: { additions: 2 }, due: { shelve: expect.any(String) } },
      { instance: 'b', state: { additions: 0 } },
    ]);
    expect(await status()).toMatchObject({
      name: 'testing.filing',
      state: 'live',
      position: '4',
      lag: { events: '0' },
    });
  });

  it('keeps tenants apart', async () => {
    await record(tenant, written('a'), added('a'));
    await record(other, added('a'));
    expect(await run()).toEqual([...filed('a'), 'stamp a 1', 'stamp a 1']);
  });

  it('forgets an instance that is done, and calls off what it waited for', async () => {
    await record(tenant, written('a'));
    await run();
    const [{ due }] = (await instances()) as [{ due: { shelve: string } }];
    await record(tenant, noteRemoved.of({ noteId: 'a' }));
    await run();
    expect([await instances(), world.calledOff]).toEqual([[], [due.shelve]]);
  });

  it('hears of time as an event, while the instance is under way', async () => {
    await record(tenant, written('a'), added('a'));
    await run();
    const came = (instance: string) =>
      processDue.of({ process: 'testing.filing', instance, step: 'shelve', dueAt: '2026-04-07T12:00:00.000Z' });
    await record(tenant, came('a'), came('b'));
    expect(await run()).toEqual(['shelve a 1']);
    expect(await instances()).toEqual([]);
    await record(tenant, came('a'));
    expect(await run()).toEqual([]);
  });

  it('does what it says for a rejection that it names', async () => {
    world.refuses.set('testing.note.file', full);
    await record(tenant, written('a'));
    expect(await run()).toEqual(['stamp a -1']);
    expect((await status()).parked).toEqual([]);
  });

  it('parks the tenant at a rejection that it does not name, and goes on after a retry where it stopped', async () => {
    world.refuses.set('testing.note.stamp', full);
    await record(tenant, written('a'), added('a'));
    await record(other, added('x'));
    world.refuses.delete('testing.note.stamp');
    world.before = (what) => void (what === 'stamp a 0' ? world.refuses.set('testing.note.stamp', full) : world.refuses.clear()); // prettier-ignore
    expect(await run()).toEqual(['file a 0', 'stamp x 1']);
    expect((await status()).parked).toMatchObject([
      { tenant, position: '1', type: 'testing.note-written.v1', error: 'stamp: testing.full (No room.)', tries: 1 },
    ]);
    await record(tenant, added('a'));
    expect(await run()).toEqual([]);
    const engine = engineOf();
    expect(await engine.retry('testing.filing', tenant)).toBe(false);
    expect((await status()).parked).toMatchObject([{ tries: 2 }]);
    world.before = () => world.refuses.clear();
    expect(await engine.retry('testing.filing', tenant)).toBe(true);
    expect(world.did.slice(2)).toEqual([...filed('a').slice(1), 'stamp a 1', 'stamp a 2']);
    expect((await status()).parked).toEqual([]);
    expect(await engine.retry('testing.filing', tenant)).toBe(true);
  });

  it('tries again by itself what was rejected for now, later each time', async () => {
    world.refuses.set('testing.note.file', busy);
    await record(tenant, written('a'));
    const engine = engineOf();
    expect(await run(engine)).toEqual([]);
    const after = async (seconds: number): Promise<void> => {
      now = new Date(now.getTime() + seconds * 1000);
      await engine.processes.retryAll({ onlyDue: true });
    };
    await after(0.9);
    expect(world.asked).toHaveLength(1);
    await after(0.1);
    expect(world.asked).toHaveLength(2);
    await after(1.9);
    expect(world.asked).toHaveLength(2);
    world.refuses.clear();
    await after(0.1);
    expect(world.did).toEqual(filed('a'));
    expect((await status()).parked).toEqual([]);
  });

  it('waits with everybody while the world outside is away, and loses nothing', async () => {
    await record(tenant, written('a'));
    world.before = (what) => {
      if (what.startsWith('stamp')) throw new StoreUnavailable('unreachable', 'It is away.');
    };
    await expect(run()).rejects.toThrow('It is away.');
    expect((await status()).parked).toEqual([]);
    world.before = () => undefined;
    await run();
    expect(world.did).toEqual(filed('a'));
  });

  it('parks at a bug in a command, and lets other tenants go on', async () => {
    world.before = (what) => {
      if (what === 'file a 0') throw Object.assign(new Error('column "x" does not exist'), { code: '42703' });
    };
    await record(tenant, written('a'));
    await record(other, written('b'));
    expect(await run()).toEqual(filed('b'));
    expect((await status()).parked).toMatchObject([{ tenant, error: 'file: column "x" does not exist' }]);
  });

  it('parks at an event that a newer program wrote in another version', async () => {
    const stream = `testing.note-${tenant}-1`;
    await bench.log.recordAs('testing.note-written.v2', tenant, stream, {});
    await bench.log.recordAs('testing.note-unheard.v1', tenant, stream, {});
    await run();
    expect((await status()).parked).toMatchObject([{ type: 'testing.note-written.v2', tries: 1 }]);
  });

  it.each(['before', 'after'] as const)('ends in the same state when it dies %s any of its steps', async (when) => {
    await record(tenant, written('a'), added('a'), written('b'));
    const whole = [...filed('a'), 'stamp a 1', ...filed('b')];
    for (let place = 0; place < whole.length; place++) {
      world = new TestWorld();
      await engineOf().rebuild('testing.filing');
      await bench.pool.query('update projections.process set quiet_until = 0');
      let steps = 0;
      world[when] = () => {
        if (steps++ === place) throw new StoreUnavailable('unreachable', 'The process was killed.');
      };
      await expect(run()).rejects.toThrow('The process was killed.');
      world[when] = () => undefined;
      await run();
      expect(world.did).toEqual(whole);
      // Little is repeated: only the event that it died in.
      expect(world.asked.length).toBeLessThanOrEqual(whole.length + 3);
      expect((await instances()).map(({ instance }) => instance)).toEqual(['a', 'b']);
    }
  });

  it('sends nothing while its state is rebuilt, of the same version or another, and goes on after that', async () => {
    await record(tenant, written('a'), added('a'));
    await run();
    const before = await instances();
    await engineOf().rebuild('testing.filing');
    expect(await status()).toMatchObject({ state: 'building', rebuild: { done: '0', total: '2' } });
    expect(await run()).toEqual([]);
    expect(await instances()).toEqual(before);
    await record(tenant, added('a'));
    expect(await run(engineOf(filing(2)))).toEqual(['stamp a 2']);
    expect(await status()).toMatchObject({ state: 'live', version: 2 });
    expect(world.asked).toHaveLength(world.did.length);
  });

  it('that is rebuilt holds up no other, however much there is to read', async () => {
    const second = filing(1, 'testing.second');
    await knowProcesses(bench.pool, [second]);
    for (let n = 0; n < 450; n++) await record(tenant, noteRemoved.of({ noteId: `${n}` }));
    const engine = bench.engine({ processes: world.deps(filing(), second), now: () => now });
    await run(engine);
    await engine.rebuild('testing.second');
    await record(tenant, written('a'));
    await engine.advanceNow();
    expect(await engine.processes.advance()).toBe(true);
    expect(world.did).toEqual(filed('a'));
    expect((await engine.status()).map(({ state }) => state).slice(-2)).toEqual(['live', 'building']);
    while (await engine.processes.advance());
    expect(world.did).toEqual([...filed('a'), ...filed('a')]);
  });

  it('keeps what was parked before a rebuild, and sends for it after a retry', async () => {
    world.refuses.set('testing.note.stamp', full);
    await record(tenant, added('a'), added('a'));
    await run();
    await engineOf().rebuild('testing.filing');
    // Not while the state is not yet what it was.
    expect(await engineOf().retry('testing.filing', tenant)).toBe(false);
    world.refuses.clear();
    expect(await run()).toEqual([]);
    expect(await engineOf().retry('testing.filing', tenant)).toBe(true);
    expect(world.did).toEqual(['stamp a 1', 'stamp a 2']);
  });

  it('sends nothing for what is past when a program knows it for the first time, but has its state from there', async () => {
    const newcomer = filing(1, 'testing.newcomer');
    await record(tenant, written('a'), added('a'));
    await bench.engine().catchUp();
    await knowProcesses(bench.pool, [newcomer]);
    await record(tenant, added('a'));
    expect(await run(engineOf(newcomer))).toEqual(['stamp a 2']);
  });

  it('sends nothing when read models and states are made from this log, whichever it is', async () => {
    await record(tenant, written('a'));
    await run();
    await record(tenant, added('a'));
    await rebuildFromThisLog(bench.pool, bench.log);
    const done = world.did.length;
    await run();
    expect(world.did).toHaveLength(done);
    expect(await instances()).toMatchObject([{ state: { additions: 1 } }]);
  });

  it('hears of an event only once the read models have applied it', async () => {
    const engine = engineOf();
    await run(engine);
    await record(tenant, written('a'));
    expect(await engine.processes.advance()).toBe(false);
    await engine.advanceNow();
    expect(await engine.processes.advance()).toBe(true);
  });

  it('is never counted twice by two leaders', async () => {
    await record(tenant, written('a'));
    const [one, two] = [engineOf(), engineOf()];
    await one.catchUp();
    let met = false;
    world.before = async () => {
      if (met) return;
      met = true;
      while (await two.processes.advance());
    };
    await expect(one.processes.advance()).rejects.toThrow(CheckpointMoved);
    while (await one.processes.advance());
    expect(world.did).toEqual(filed('a'));
    expect(await status()).toMatchObject({ position: '1' });
  });

  it('goes on within a moment while the engine runs, and stops after the event that it is at', async () => {
    const engine = engineOf();
    engine.start();
    await record(tenant, written('a'));
    for (let round = 0; world.did.length < 3 && round < 2_000; round++)
      await new Promise((next) => setTimeout(next, 5));
    await engine.stop();
    expect(world.did).toEqual(filed('a'));
  });

  it('hears every event for an instance that is under way, also of types that it does not know', async () => {
    const following = process('testing.following', {
      title: 'Follow streams',
      version: 1,
      on: (when, _due, every) => [
        when(noteWritten, 'noteId', () => [remember(null)]),
        every(
          ({ meta }) => (meta.record.type === 'testing.note' ? 'a' : null),
          ({ type }) => [send('stamp', stamp, { noteId: type, additions: 0 })],
        ),
        when(noteRemoved, 'noteId', () => [done()]),
      ],
    });
    await knowProcesses(bench.pool, [following]);
    const unknown = { type: 'testing.note-of-another-program', data: {} };
    await record(tenant, added('a'), written('a'), added('a'), unknown, noteRemoved.of({ noteId: 'a' }), added('a')); // prettier-ignore
    await record(other, added('a'));
    expect(await run(engineOf(following))).toEqual([
      'stamp testing.note-written 0',
      'stamp testing.note-added 0',
      'stamp testing.note-of-another-program 0',
      'stamp testing.note-removed 0',
    ]);
  });

  it('looks its instances up once for a batch of events, however many records these are about', async () => {
    const following = process('testing.following', {
      title: 'Follow streams',
      version: 1,
      on: (when, _due, every) => [
        when(noteWritten, 'noteId', () => [remember(null)]),
        every(
          ({ id }) => id,
          () => [],
        ),
      ],
    });
    await knowProcesses(bench.pool, [following]);
    await record(tenant, written('a'), ...Array.from({ length: 50 }, (_, n) => added(String(n))));
    await record(other, ...Array.from({ length: 50 }, (_, n) => added(String(n))));
    const asked: string[] = [];
    const stop = onRoundTrip(({ text }) => void (/^(select|insert).*process_instance/s.test(text) && asked.push(text)));
    await run(engineOf(following));
    stop();
    expect(asked.map((text) => text.split(' ')[0])).toEqual(['select', 'insert']);
    expect(await instances()).toMatchObject([{ instance: 'a' }]);
  });

  it('stores the moments that it waited for as declared', () => {
    const data = { process: 'trade.dunning', instance: 'invoice-1', step: 'remind', dueAt: '2026-04-07T12:00:00.000Z' };
    expectGolden(processDue, [data], join(fileURLToPath(import.meta.resolve('@daybook/kernel')), '../../golden'));
    expect(processDue.record(data).id).toBe(processRecordId('trade.dunning', 'invoice-1'));
  });
});
