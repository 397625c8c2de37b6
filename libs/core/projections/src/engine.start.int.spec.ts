import { Client } from 'pg';
import { requestRebuild, requestRetry, projectionStatus } from './projection-status.js';
import { type Bench, openBench } from './testing/engine.js';
import { broken, noteAdded, noteBroken, noteWritten } from './testing/notes.js';

const tenant = '0190a1b2-0000-7000-8000-00000000a001';
const stream = `testing.note-${tenant}-1`;
const written = (noteId: string) => noteWritten.of({ noteId, text: noteId, amount: '1.5', day: null });
const until = async (done: () => Promise<boolean> | boolean) => {
  while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 10));
};

describe('a started engine', () => {
  let bench: Bench;
  let listener: Client;
  const hints: { tenant: string; channel: string; ids: string[]; position: string }[] = [];
  beforeEach(async () => {
    broken.fixed = false;
    hints.length = 0;
    bench = await openBench();
    listener = new Client({ connectionString: bench.database.apiUrl });
    await listener.connect();
    listener.on('notification', ({ payload }) => hints.push(JSON.parse(payload!)));
    await listener.query('listen daybook_live');
  });
  afterEach(async () => {
    await listener.end();
    await bench.end();
  });
  const level = async () => {
    const status = await bench.engine().status();
    return (
      status.length >= 2 && status.every((s) => s.state === 'retired' || (s.state === 'live' && s.lag.events === '0'))
    );
  };

  it('follows the event store and announces changes once their rows are committed, never for a rebuild', async () => {
    await bench.log.record(tenant, stream, written('old'));
    const engine = bench.engine();
    engine.start();
    await until(level);
    expect(hints).toEqual([]);
    await bench.log.record(tenant, stream, written('new'), noteAdded.of({ noteId: 'new', amount: '1' }));
    await until(() => hints.length > 0);
    const commandId = bench.log.events.at(-1)!.meta.commandId;
    expect(hints).toEqual([{ tenant, channel: 'notes', ids: [commandId], position: '3' }]);
    await bench.log.record(tenant, stream, ...Array.from({ length: 3 }, (_, n) => written(`n${n}`)));
    await until(() => hints.length > 1);
    await engine.rebuild('notes');
    await until(async () => (await bench.live('notes')) === 'rm_notes_v1_g2');
    await engine.stop();
    expect(hints).toHaveLength(2);
  });

  it('leaves the work to the leader, and takes over when the leader stops', async () => {
    const [first, second] = [bench.engine(), bench.engine()];
    first.start();
    await until(level);
    second.start();
    await bench.log.record(tenant, stream, written('a'));
    await until(level);
    await first.stop();
    await bench.log.record(tenant, stream, written('b'));
    await until(level);
    await second.stop();
    const { rows } = await bench.pool.query('select count(*)::int as n from rm_notes_v1_g1.notes');
    expect(rows).toEqual([{ n: 2 }]);
  });

  it('handles requests for a rebuild and a retry', async () => {
    await bench.log.record(tenant, stream, written('a'), noteBroken.of({ noteId: 'a' }), written('b'));
    const engine = bench.engine();
    engine.start();
    await until(level);
    const seen = async () => {
      await listener.query(`set daybook.tenant = '${tenant}'`);
      return (await projectionStatus(listener, bench.log)).filter((s) => s.name === 'notes');
    };
    expect((await seen())[0]!.parked).toMatchObject([{ error: 'a is broken', tries: 1 }]);
    await requestRetry(listener, 'notes');
    await until(async () => (await seen())[0]!.parked[0]!.tries === 2);
    broken.fixed = true;
    await requestRetry(listener, 'notes');
    await until(async () => (await seen())[0]!.parked.length === 0);
    expect(await requestRebuild(bench.pool, 'notes')).toBe('requested');
    await until(async () => (await seen()).some((s) => s.generation === 2 && s.state === 'live'));
    await engine.stop();
    const { rows } = await bench.pool.query('select count(*)::int as n from rm_notes_v1_g2.notes');
    expect(rows).toEqual([{ n: 2 }]);
  });

  it('accepts one rebuild request at a time, from the operator and from no tenant', async () => {
    await bench.engine().catchUp();
    expect(await requestRebuild(bench.pool, 'nothing')).toBe('not-found');
    const asked = await Promise.all(Array.from({ length: 4 }, () => requestRebuild(bench.pool, 'notes')));
    expect(asked.toSorted()).toEqual(['busy', 'busy', 'busy', 'requested']);
    await expect(requestRebuild(listener, 'notes')).rejects.toThrow('permission denied');
    const { rows } = await bench.pool.query<{ kind: string }>('select kind from projections.request');
    expect(rows).toEqual([{ kind: 'rebuild' }]);
  });

  it('accepts a retry request of a tenant for that tenant only', async () => {
    await listener.query('reset daybook.tenant');
    await requestRetry(listener, 'notes');
    await listener.query(`set daybook.tenant = '${tenant}'`);
    await requestRetry(listener, 'notes');
    await requestRetry(listener, 'notes');
    const { rows } = await bench.pool.query('select kind, name, tenant from projections.request');
    expect(rows).toEqual([{ kind: 'retry', name: 'notes', tenant }]);
  });

  it('retries parked tenants at start, because a restart may bring the fix', async () => {
    await bench.log.record(tenant, stream, noteBroken.of({ noteId: 'a' }), written('b'));
    await bench.engine().catchUp();
    broken.fixed = true;
    const engine = bench.engine();
    engine.start();
    await until(async () => (await engine.status()).every((s) => s.parked.length === 0));
    await engine.stop();
  });
});
