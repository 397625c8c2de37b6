import { daybookNamespace, nameId } from '@daybook/kernel';
import { statement } from '@daybook/postgres';
import type { EntityManager } from '@mikro-orm/postgresql';

export interface Ticket {
  readonly tenant: string;
  readonly id: string;
}

/** A lane with slots of its own, so that short jobs never wait for long ones. */
export interface Lane {
  readonly queue: string;
  readonly isShort: boolean;
  /** Concurrent jobs of a process in this lane. */
  readonly places: number;
}

/** Jobs with at most this timeout are short. */
export const shortSeconds = 300;

export const lanesOf = (concurrency: number): readonly [Lane, Lane] => [
  { queue: 'daybook', isShort: false, places: concurrency },
  { queue: 'daybook-short', isShort: true, places: Math.ceil(concurrency / 2) },
];

/** Running jobs per tenant in a lane, over all processes: a third of the slots of one process. */
export const shareOf = ({ places }: Lane): number => Math.max(1, Math.floor(places / 3));

/* SQL, here and below: it joins the queue's own table, which is not one of our entities. */
const nextByTurns = `
  with under_way as (
    select j.tenant, count(*)::int as jobs from pgboss.job b
    join jobs.job j on j.tenant = (b.data ->> 'tenant')::uuid and j.id = (b.data ->> 'id')::uuid
    where b.name = $2 and b.state in ('created', 'retry', 'active') and j.state in ('waiting', 'running') and j.queued
    group by j.tenant),
  turns as (
    select tenant, id, timeout_seconds, not_before, created_at,
      row_number() over (partition by tenant order by created_at, id) as turn
    from jobs.job where not queued and state = 'waiting' and name = any($1) and (timeout_seconds <= $5) = $6
      and coalesce(not_before <= clock_timestamp(), true)
      and coalesce(due_at <= coalesce($7::timestamptz, clock_timestamp()), true))
  select t.tenant, t.id, t.timeout_seconds as "timeoutSeconds", t.not_before as "notBefore" from turns t
  left join under_way u using (tenant)
  left join lateral (select max(s.started_at) as at from jobs.job s where s.tenant = t.tenant) served on true
  where t.turn + coalesce(u.jobs, 0) <= $3
  order by t.turn + coalesce(u.jobs, 0), served.at nulls first, t.created_at, t.id
  limit greatest(0, $4 - (
    select count(*) from pgboss.job where name = $2 and state in ('created', 'retry') and start_after <= now()))`;

/** What to send to pg-boss: the same turn of a job has the same id, so sending it again changes nothing. */
export interface Turn extends Ticket {
  readonly timeoutSeconds: number;
  readonly bossId: string;
}

/**
 * The jobs for the free slots of this process: tenants with nothing running first, then the tenant that waited longest for
 * a turn, then the oldest job. Jobs in the queue that other processes will take need no slot here.
 */
export async function nextTurns(
  em: EntityManager,
  lane: Lane,
  free: number,
  names: readonly string[],
  now: Date | null,
): Promise<Turn[]> {
  const rows = await statement<Omit<Turn, 'bossId'> & { notBefore: string | null }>(em.fork(), nextByTurns, [
    names,
    lane.queue,
    shareOf(lane),
    free,
    shortSeconds,
    lane.isShort,
    now,
  ]);
  return rows.map(({ tenant, id, timeoutSeconds, notBefore }) => ({
    tenant,
    id,
    timeoutSeconds,
    bossId: nameId(daybookNamespace, 'job', tenant, id, notBefore ?? ''),
  }));
}

/**
 * Requeues jobs that pg-boss no longer has: it deletes jobs that nobody took within its retention (no projector for two weeks),
 * and a restore can lose its rows.
 */
export async function requeueLost(em: EntityManager): Promise<void> {
  await statement(
    em.fork(),
    `update jobs.job j set queued = false, state = 'waiting', not_before = clock_timestamp()
     where queued and state in ('waiting', 'running') and not exists (
       select from pgboss.job b where b.state in ('created', 'retry', 'active')
         and (b.data ->> 'tenant')::uuid = j.tenant and (b.data ->> 'id')::uuid = j.id)`,
  );
}
