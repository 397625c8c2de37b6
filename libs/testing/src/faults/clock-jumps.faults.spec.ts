import { type EventStore, openPostgresEventStore } from '@daybook/event-store';
import { noteFor } from '@daybook/event-store/testing/events';
import { job, jobEntities, openJobs } from '@daybook/jobs';
import { newId, streamName } from '@daybook/kernel';
import { connectTo, createPool, entityManager } from '@daybook/postgres';
import { testDatabase } from '@daybook/postgres/testing/database';
import * as z from 'zod';
import { until } from './held-commits.js';
import { programMigrations } from './program.js';

/* Clocks jump, ahead and back. Only ours are moved, never the machine's. */
const tenant = newId();
const stream = streamName('spec.note', tenant, 'clock');

/** A log in which the newest event was recorded by a clock that was a day ahead. */
async function aDayAhead<T>(work: (store: EventStore, ahead: string) => Promise<T>): Promise<T> {
  const database = await testDatabase(programMigrations);
  const store = openPostgresEventStore({ url: database.projectorUrl });
  const admin = await connectTo(database.adminUrl, { application: 'clock' });
  try {
    await store.append(stream, 'none', [noteFor(tenant)]);
    const { rows } = await admin.query<{ at: string }>(
      `update store.events set recorded_at = recorded_at + interval '1 day' returning recorded_at as at`,
    );
    return await work(store, new Date(rows[0]!.at).toISOString());
  } finally {
    await Promise.all([store.close(), admin.end()]);
    await database.drop();
  }
}
const recordedNext = async (store: EventStore): Promise<string> => {
  const outcome = await store.append(stream, 0, [noteFor(tenant)]);
  return outcome.kind === 'appended' ? outcome.recordedAt : outcome.kind;
};

it('records no event earlier than the one before, when the clock of the database jumps back', async () => {
  await aDayAhead(async (store, ahead) => expect(await recordedNext(store)).toBe(ahead));
});

it('notices a store that takes the time from its own clock', async () => {
  await aDayAhead(async (store, ahead) => {
    const byItsClock: EventStore = Object.assign(Object.create(store) as EventStore, {
      append: async (...args: Parameters<EventStore['append']>) => ({
        ...(await store.append(...args)),
        recordedAt: new Date().toISOString(),
      }),
    });
    expect((await recordedNext(byItsClock)) < ahead).toBe(true);
  });
});

it('runs what waits for a moment once, however often the clock passes it', async () => {
  const database = await testDatabase(programMigrations);
  const pool = createPool(database.projectorUrl, { max: 4, application: 'clock' });
  let now = new Date('2026-03-01T12:00:00Z');
  const jobs = openJobs({
    em: entityManager(pool, jobEntities),
    now: () => now,
    worker: { url: database.projectorUrl, pollMs: 20 },
  });
  const ran: string[] = [];
  const mark = job('faults.mark', { title: 'Mark', input: z.object({ name: z.string() }) });
  await jobs.work([{ job: mark, handler: async ({ input }) => void ran.push(mark.input.parse(input).name) }]);
  const envelope = { tenant, actor: { kind: 'system' as const, id: 'spec' }, correlationId: 'spec' };
  const start = (name: string, notBefore?: string) =>
    jobs.start(mark, { name }, envelope, newId(), notBefore === undefined ? {} : { notBefore });
  const isDone = async (id: string): Promise<boolean> => (await jobs.get(tenant, id))?.state === 'done';
  const waits = await start('later', '2026-03-08T12:00:00.000Z');
  // Ahead past the moment, back before it, and ahead again; after each jump a job that waits for nothing shows that it was looked.
  for (const at of ['2026-03-08T11:59:59Z', '2026-03-08T12:00:00Z', '2026-03-02T12:00:00Z', '2027-01-01T00:00:00Z']) {
    now = new Date(at);
    const shows = await start(at);
    await until(() => isDone(shows));
    if (at >= '2026-03-08T12:00:00Z') await until(() => isDone(waits));
    expect([at, ran.filter((name) => name === 'later').length]).toEqual([at, at === '2026-03-08T11:59:59Z' ? 0 : 1]);
  }
  await jobs.stop();
  await pool.end();
  await database.drop();
});
