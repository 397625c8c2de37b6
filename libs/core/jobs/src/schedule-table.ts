import type { EntityManager } from '@mikro-orm/postgresql';
import { JobEntity, ScheduleEntity } from './job.entity.js';
import type { ScheduleTable } from './schedule.js';

/** When schedules are due, in `jobs.schedule`. Runs as the projector, which sees the jobs of all tenants. */
export const scheduleTable = (em: EntityManager): ScheduleTable & { clock(): Promise<Date> } => ({
  /** The database's, which all processes share. */
  clock: async () => {
    const [row] = await em.fork().execute<{ now: string }[]>('select clock_timestamp() as now');
    return new Date(row!.now);
  },
  dueAt: async (name, times) => {
    const row = await em.fork().findOne(ScheduleEntity, { name, times });
    return row && new Date(row.dueAt);
  },
  move: async (name, times, from, to) => {
    const dueAt = to.toISOString();
    if (from !== null) {
      await em.fork().nativeUpdate(ScheduleEntity, { name, times, dueAt: from.toISOString() }, { dueAt });
      return;
    }
    // Another process may have been faster.
    await em
      .fork()
      .createQueryBuilder(ScheduleEntity)
      .insert({ name, times, dueAt })
      .onConflict(['name', 'times'])
      .ignore()
      .execute('run');
  },
  isUnderWay: async (name, tenant) =>
    (await em.fork().count(JobEntity, { tenant, name, state: { $in: ['waiting', 'running'] } })) > 0,
});
