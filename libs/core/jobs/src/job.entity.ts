import type { Actor } from '@daybook/kernel';
import { Instant, Json } from '@daybook/postgres/column-types';
import { openPolicy, scopedTable, tenantPolicy } from '@daybook/postgres/row-security';
import { defineEntity, type InferEntity, p } from '@mikro-orm/postgresql';
import type { JobState } from './port.js';

const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

/** A job as people and the API see it. */
export const JobEntity = defineEntity({
  name: 'Job',
  schema: 'jobs',
  tableName: 'job',
  properties: {
    tenant: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    title: p.text(),
    actor: p.type(Json).$type<Actor>(),
    correlation: p.text(),
    input: p.type(Json).$type<unknown>(),
    state: p.text().$type<JobState>().default('waiting'),
    progressDone: p.bigint('number').defaultRaw('0'),
    progressTotal: p.bigint('number').nullable(),
    progressPhase: p.text().default(''),
    attempt: p.integer().default(0),
    attempts: p.integer(),
    timeoutSeconds: p.integer(),
    runsIn: p.text().$type<'projector' | 'api'>().default('projector'),
    queued: p.boolean().default(false),
    cancelRequested: p.boolean().default(false),
    error: p.type(Json).$type<{ readonly code: string; readonly message: string }>().nullable(),
    result: p.type(Json).$type<string | number | boolean | object>().nullable(),
    createdAt: p.type(Instant).defaultRaw('clock_timestamp()'),
    /** The moment that it waits for; it may not begin before. */
    dueAt: p.type(Instant).nullable(),
    /** When a failed job is retried. */
    notBefore: p.type(Instant).nullable(),
    startedAt: p.type(Instant).nullable(),
    endedAt: p.type(Instant).nullable(),
  },
  indexes: [
    {
      name: 'job_newest',
      properties: ['tenant', 'createdAt'],
      columns: [{ name: 'tenant' }, { name: 'createdAt', sort: 'DESC' }],
    },
    { name: 'job_unqueued', properties: ['tenant', 'createdAt', 'id'], where: "not queued and state = 'waiting'" },
    { name: 'job_queued', properties: ['tenant', 'id'], where: "queued and state in ('waiting', 'running')" },
    { name: 'job_running', properties: ['tenant', 'id'], where: { state: 'running' } },
    { name: 'job_ended', properties: ['endedAt'], where: { endedAt: { $ne: null } } },
    { name: 'job_started', properties: ['tenant', 'startedAt'] },
    { name: 'job_waiting', properties: ['tenant'], where: { state: 'waiting' } },
  ],
  checks: [
    { name: 'job_state_check', expression: `state in (${states.map((s) => `'${s}'`).join(', ')})` },
    { name: 'job_runs_in_check', expression: `runs_in in ('projector', 'api')` },
  ],
  rowLevelSecurity: 'force',
  policies: [
    tenantPolicy('job_api', 'daybook_api'),
    openPolicy('job_projector'),
    tenantPolicy('job_owner', 'daybook_owner'),
  ],
});
export type Job = InferEntity<typeof JobEntity>;

/** A job that an API process is to run, or runs until its lease ends: which one, and nothing of what is in it. */
export const ApiJobEntity = defineEntity({
  name: 'ApiJob',
  tableName: 'api_job',
  ...scopedTable('jobs'),
  properties: {
    tenant: p.uuid().primary(),
    id: p.uuid().primary(),
    /** Nobody else takes it before. */
    leasedUntil: p.type(Instant).defaultRaw('clock_timestamp()'),
    /** Which lease it is: one that ran out changes nothing of the next. */
    holder: p.uuid().nullable(),
  },
  indexes: [{ name: 'api_job_leased_until', properties: ['leasedUntil'] }],
});

/** When each schedule is due next. */
export const ScheduleEntity = defineEntity({
  name: 'Schedule',
  schema: 'jobs',
  tableName: 'schedule',
  properties: {
    /** That of its job. */
    name: p.text().primary(),
    /** Its crontab and zone. With other times it is another schedule, since two versions of the program may run at once. */
    times: p.text().primary(),
    dueAt: p.type(Instant),
  },
});

export const jobEntities = [JobEntity, ApiJobEntity, ScheduleEntity];
