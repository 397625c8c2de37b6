import type { SqlMigration } from '@daybook/postgres';
import { scopedTableSql } from '@daybook/postgres/schema-scope';

/**
 * `jobs.job` has what people and the API see, per tenant: state, progress, outcome. The queue behind it is pg-boss, which
 * installs and upgrades itself in the schema `pgboss` as the projector's role; the API's role has no privileges there.
 */
export const jobMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-20-jobs',
    sql: `
      create schema jobs;
      create table jobs.job (
        tenant uuid not null,
        id uuid not null,
        name text not null,
        title text not null,
        actor jsonb not null,
        correlation text not null,
        input jsonb not null,
        state text not null default 'waiting'
          check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
        progress_done bigint not null default 0,
        progress_total bigint,
        progress_phase text not null default '',
        attempt integer not null default 0,
        attempts integer not null,
        timeout_seconds integer not null,
        queued boolean not null default false,
        cancel_requested boolean not null default false,
        error jsonb,
        result jsonb,
        created_at timestamptz not null default clock_timestamp(),
        started_at timestamptz,
        ended_at timestamptz,
        primary key (tenant, id)
      );
      create index job_newest on jobs.job (tenant, created_at desc);
      create index job_unqueued on jobs.job (created_at) where not queued;
      create index job_running on jobs.job (tenant, id) where state = 'running';

      alter table jobs.job enable row level security;
      alter table jobs.job force row level security;
      create policy job_api on jobs.job to daybook_api
        using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
        with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);
      create policy job_projector on jobs.job to daybook_projector using (true) with check (true);
      grant usage on schema jobs to daybook_api, daybook_projector;
      grant select, insert on jobs.job to daybook_api, daybook_projector;
      grant update (state, cancel_requested, ended_at) on jobs.job to daybook_api;
      grant update on jobs.job to daybook_projector;

      create schema pgboss;
      grant usage, create on schema pgboss to daybook_projector;
    `,
  },
  {
    name: '2026-11-21-jobs-forget',
    sql: `
      create policy job_owner on jobs.job to daybook_owner
        using (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid)
        with check (tenant = nullif(current_setting('daybook.tenant', true), '')::uuid);

      /* Erases the personal data in ended jobs. A security definer function: the API may do only this, in its own tenant. */
      create function jobs.forget(p_actor text, p_texts text[]) returns bigint
      language sql security definer set search_path = pg_catalog as $$
        with emptied as (
          update jobs.job set input = '{}', result = null, error = error || '{"message": ""}', progress_phase = ''
          where state in ('done', 'failed', 'cancelled')
            and (input <> '{}' or result is not null or error ->> 'message' <> '' or progress_phase <> '')
            and (actor ->> 'id' = p_actor or exists (
              /* Escaped as within JSON. */
              select from unnest(p_texts) as t (one)
              where strpos(concat(input, result, error, progress_phase), trim('"' from to_json(one)::text)) > 0))
          returning 1)
        select count(*) from emptied;
      $$;
      revoke all on function jobs.forget from public;
      grant execute on function jobs.forget to daybook_api, daybook_projector;
    `,
  },
  {
    name: '2026-11-29-jobs-retention',
    sql: `
      create index job_ended on jobs.job (ended_at) where ended_at is not null;
      grant delete on jobs.job to daybook_projector;

      /* When the last upkeep of the installation ran. */
      create table jobs.upkeep (one boolean primary key default true check (one), taken_at timestamptz);
      insert into jobs.upkeep default values;
      grant select, update on jobs.upkeep to daybook_projector;
    `,
  },
  {
    name: '2026-11-29-jobs-by-turns',
    sql: `
      drop index jobs.job_unqueued;
      create index job_unqueued on jobs.job (tenant, created_at, id) where not queued and state = 'waiting';
      create index job_started on jobs.job (tenant, started_at);
      create index job_waiting on jobs.job (tenant) where state = 'waiting';
    `,
  },
  {
    name: '2026-11-30-jobs-pause',
    sql: `
      /* A failed job is not retried before this. */
      alter table jobs.job add column not_before timestamptz;
      create index job_queued on jobs.job (tenant, id) where queued and state in ('waiting', 'running');
    `,
  },
  {
    name: '2026-11-30-jobs-due',
    sql: `
      /* A job may wait for a moment: it does not begin before. */
      alter table jobs.job add column due_at timestamptz;
    `,
  },
  {
    name: '2026-11-30-jobs-schedules',
    sql: `
      /* When each schedule is due next, for the whole installation. */
      create table jobs.schedule (name text, times text, due_at timestamptz not null, primary key (name, times));
      grant select, insert, update on jobs.schedule to daybook_projector;
      drop table jobs.upkeep;
    `,
  },
  {
    name: '2026-11-30-jobs-of-the-api',
    sql: `
      /* Jobs that API processes run: all of them look through it, and it names nothing but the job. */
      create table jobs.api_job (
        tenant uuid not null,
        id uuid not null,
        leased_until timestamptz not null default clock_timestamp(),
        holder uuid,
        primary key (tenant, id)
      );
      create index api_job_leased_until on jobs.api_job (leased_until);
      ${scopedTableSql('jobs.api_job', 'jobs')}
      /* How they run, within the tenant: of the projector's jobs the API still changes nothing but whether they are cancelled. */
      alter table jobs.job add column runs_in text not null default 'projector' check (runs_in in ('projector', 'api'));
      grant update (attempt, started_at, progress_done, progress_total, progress_phase, queued, not_before, result, error)
        on jobs.job to daybook_api;
      create function jobs.refuse_to_api() returns trigger language plpgsql set search_path = pg_catalog as $$
        begin
          raise exception 'permission denied: the API does not run this job' using errcode = 'insufficient_privilege';
        end;
      $$;
      create trigger job_of_the_projector before update of attempt, started_at, progress_done, progress_total, progress_phase,
          queued, not_before, result, error, runs_in on jobs.job
        for each row when (current_user = 'daybook_api' and old.runs_in <> 'api') execute function jobs.refuse_to_api();
    `,
  },
];
