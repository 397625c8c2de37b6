import { identifyLog, StoreUnavailable } from '@daybook/event-store';
import { platformTenant } from '@daybook/kernel';
import { LogReplaced } from '@daybook/projections';
import type { Pool } from 'pg';
import { collect } from '@daybook/event-store/testing/contract';
import { metaFor } from '@daybook/event-store/testing/events';
import { NotReady } from '../health/readiness.js';
import { MemoryStore } from '../testing/memory-store.js';
import { checkedStore, LogMonitor, logReady } from './log-monitor.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `spec.note-${tenant}-1`;

/** A log with three events, read models up to date with it, and a monitor that has started. */
async function monitored() {
  let away = false;
  let gate: Promise<unknown> = Promise.resolve();
  const store = new MemoryStore(async () => {
    await gate;
    if (away) throw new StoreUnavailable('unreachable', 'away');
  });
  const note = (text: string) => ({ id: crypto.randomUUID(), type: 'spec.note.v1', data: { text }, meta: metaFor(tenant) }); // prettier-ignore
  const log = await identifyLog(store);
  await store.append(stream, 'none', [note('a'), note('b')]);
  const row = () => {
    const { position, id, revision, recordedAt } = store.all.at(-1)!;
    return { position: String(position), log, event_id: id, stream, revision, recorded_at: recordedAt };
  };
  let checkpoint = row();
  const pool = { query: async () => ({ rows: [checkpoint] }) } as unknown as Pool;
  const said: string[] = [];
  const say = (_: object, text: string) => void said.push(text);
  const logger = { error: say, warn: say, info: say } as unknown as ConstructorParameters<
    typeof LogMonitor
  >[0]['logger'];
  const monitor = new LogMonitor({ pool, store, place: 'EVENTSTORE_URL', logger, mayNote: false });
  const forgotten: number[] = [];
  monitor.whenReplaced(() => void forgotten.push(monitor.epoch));
  await monitor.start();
  return {
    store,
    monitor,
    checked: checkedStore(store, monitor),
    said,
    forgotten,
    note,
    advance: () => void (checkpoint = row()),
    leave: (now: boolean) => void (away = now),
    /** Holds every answer of the store until the returned function is called. */
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return resolve;
    },
  };
}

describe('the monitor of the log', () => {
  it('refuses a log of Daybook 0.1 at start and writes nothing to it', async () => {
    const store = new MemoryStore();
    const identity = { logId: crypto.randomUUID(), copyOf: null };
    await store.append(`platform.log-${platformTenant}-identity`, 'none', [
      { id: crypto.randomUUID(), type: 'platform.log-identified.v1', data: identity, meta: metaFor(platformTenant) },
    ]);
    const rows = [{ position: '0', log: null, event_id: null, stream: null, revision: null, recorded_at: null }];
    const pool = { query: async () => ({ rows }) } as unknown as Pool;
    const monitor = new LogMonitor({ pool, store, place: 'DATABASE_URL', logger: console, mayNote: true });
    await expect(monitor.start()).rejects.toMatchObject({ name: 'DataFormatError', place: 'DATABASE_URL', found: 1 });
    expect(store.all).toHaveLength(1);
    monitor.stop();
  });

  it('lets everything pass immediately while nothing is in doubt', async () => {
    const { monitor, checked, forgotten } = await monitored();
    expect(monitor.passed()).toBeNull();
    expect(await checked.head()).toBe(3n);
    expect([await logReady(monitor)(), forgotten]).toEqual([{}, []]);
    monitor.stop();
  });

  it('checks the log before the next use when a connection was lost, and refuses while it is unavailable', async () => {
    const { monitor, checked, leave, said } = await monitored();
    leave(true);
    monitor.doubt();
    await expect(checked.head()).rejects.toBeInstanceOf(StoreUnavailable);
    leave(false);
    expect(await checked.head()).toBe(3n);
    expect(monitor.passed()).toBeNull();
    expect(said).toEqual([]);
    monitor.stop();
  });

  it('lets no request use a log that a check of another request has not yet found to be the right one', async () => {
    const { store, monitor, checked, note, hold } = await monitored();
    monitor.doubt();
    const answer = hold();
    const first = checked.head();
    // Meanwhile the connection leads to a copy that lacks the last event.
    store.all.length = 2;
    const second = checked.append(`spec.note-${tenant}-2`, 'none', [note('x')]);
    answer();
    const outcomes = await Promise.allSettled([first, second]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
      expect.any(LogReplaced),
      expect.any(LogReplaced),
    ]);
    expect(store.all).toHaveLength(2);
    monitor.stop();
  });

  it('makes requests wait also for a check that readiness or the timer began after a connection was lost', async () => {
    const { monitor, hold } = await monitored();
    monitor.doubt();
    const answer = hold();
    const checking = monitor.check();
    expect(monitor.passed()).toBe(checking);
    answer();
    await checking;
    expect(monitor.passed()).toBeNull();
    monitor.stop();
  });

  it('makes other requests wait while a stream that lost events is looked into', async () => {
    const { monitor, hold } = await monitored();
    const answer = hold();
    const checking = monitor.wentBack();
    expect(monitor.passed()).not.toBeNull();
    answer();
    await checking;
    expect(monitor.passed()).toBeNull();
    monitor.stop();
  });

  it('checks again when a connection was lost during a check', async () => {
    const { store, monitor, checked } = await monitored();
    const right = [...store.all];
    monitor.doubt();
    const checking = checked.head();
    // During that check, another server replaces the first.
    store.all.length = 2;
    monitor.doubt();
    await expect(checking).rejects.toBeInstanceOf(LogReplaced);
    store.all.push(...right.slice(2));
    await monitor.check();
    expect(await checked.head()).toBe(3n);
    monitor.stop();
  });

  it('refuses every use of another log, drops cached state, logs it once, and goes on when the right log is back', async () => {
    const { store, monitor, checked, said, forgotten } = await monitored();
    const right = [...store.all];
    store.all.length = 2;
    monitor.doubt();
    for (const use of [
      () => checked.head(),
      () => checked.lastRevisions([stream]),
      () => checked.eventAt(1n),
      () => checked.append(stream, 'any', []),
      () => collect(checked.readStream(stream)),
      () => collect(checked.readAll()),
      () => collect(checked.subscribeAll({ after: 0n, signal: AbortSignal.abort() })),
    ]) {
      await expect(use()).rejects.toBeInstanceOf(LogReplaced);
    }
    await expect(logReady(monitor)()).rejects.toBeInstanceOf(NotReady);
    expect([said.length, forgotten]).toEqual([2, [1]]);
    store.all.splice(0, Infinity, ...right);
    await monitor.check();
    expect(await checked.head()).toBe(3n);
    expect(forgotten).toEqual([1, 2]);
    monitor.stop();
  });

  it('drops cached state when log and read models were both restored to an earlier point', async () => {
    const { store, monitor, forgotten, note, advance } = await monitored();
    const older = [...store.all];
    await store.append(stream, 1, [note('c')]);
    advance();
    await monitor.check();
    expect(forgotten).toEqual([]);
    store.all.splice(0, Infinity, ...older);
    advance();
    await monitor.check();
    expect(forgotten).toEqual([1]);
    monitor.stop();
  });

  it('drops cached state also when the read models were behind and fit the shorter log', async () => {
    const { store, monitor, forgotten, note } = await monitored();
    await store.append(stream, 1, [note('c')]);
    await monitor.check();
    store.all.length = 3;
    await monitor.check();
    expect(forgotten).toEqual([1]);
    monitor.stop();
  });

  it('checks the log when a stream is shorter than the revision that a command was decided on', async () => {
    const { store, monitor, checked, note, forgotten } = await monitored();
    await store.append(stream, 1, [note('c')]);
    store.all.length = 3;
    expect(await checked.append(stream, 2, [note('d')])).toEqual({ kind: 'conflict', actual: 1 });
    expect(forgotten).toEqual([1]);
    store.all.length = 1;
    await expect(checked.append(stream, 2, [note('d')])).rejects.toBeInstanceOf(LogReplaced);
    monitor.stop();
  });
});
