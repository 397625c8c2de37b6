import type { Process } from '@daybook/kernel';
import type { ClientBase, Pool } from 'pg';
import { CheckpointMoved } from '../registry.js';

/* The tables of processes (process.migrations.ts). Every commit names the revision it was made from. */
type Queryable = Pick<ClientBase, 'query'>;

/** A process as the database knows it. `position` is how far it is; up to `quietUntil` it sends nothing. */
export interface ProcessRow {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly position: bigint;
  readonly quietUntil: bigint;
  readonly revision: string;
}

/** One that this program has the code of. */
export interface RunningProcess {
  readonly process: Process;
  readonly row: ProcessRow;
}

/** Why a process stopped for a tenant. Events after `applied` are still to be handled. */
export interface ParkedProcess {
  readonly process: string;
  readonly tenant: string;
  readonly position: bigint;
  readonly applied: bigint;
  readonly quietUntil: bigint;
  readonly eventId: string;
  readonly eventType: string;
  readonly error: string;
  readonly tries: number;
  /** Seconds until it is tried again by itself; null: a person decides. */
  readonly retryAfter: number | null;
}

/** An instance under way: its state, and the jobs that wake it, by step. */
export interface Instance {
  readonly state: unknown;
  readonly due: Readonly<Record<string, string>>;
}
export interface InstanceKey {
  readonly process: string;
  readonly tenant: string;
  readonly instance: string;
}

/** Lets these processes hear everything from here on; for every program at its start, before it answers or works. */
export async function knowProcesses(pool: Pool, processes: readonly Process[]): Promise<void> {
  for (const { name } of processes) await pool.query('select projections.know_process($1)', [name]);
}

export async function processRows(client: Queryable): Promise<ProcessRow[]> {
  const { rows } = await client.query<
    Omit<ProcessRow, 'position' | 'quietUntil'> & { position: string; quiet: string }
  >(
    'select name, version, generation, position, quiet_until as quiet, revision from projections.process order by name',
  );
  return rows.map(({ position, quiet, ...row }) => ({ ...row, position: BigInt(position), quietUntil: BigInt(quiet) }));
}

/** Folds the state anew from the log: of another version, or because somebody asked. Nothing is sent for what was handled. */
export async function restartProcess(pool: Pool, { name, version }: Process): Promise<void> {
  await pool.query(
    `with restarted as (
       update projections.process set version = $2, generation = generation + 1, revision = revision + 1,
         quiet_until = greatest(quiet_until, position), position = 0, changed_at = now()
       where name = $1 returning name)
     delete from projections.process_instance where process in (select name from restarted)`,
    [name, version],
  );
}

/** With another log, or one that was restored: all is folded anew, and what it holds by now counts as handled. */
export async function restartAllProcesses(client: Queryable, head: bigint): Promise<void> {
  await client.query('delete from projections.process_instance');
  await client.query('delete from projections.process_parked');
  await client.query(
    `update projections.process set position = 0, quiet_until = $1, generation = generation + 1, revision = revision + 1`,
    [String(head)],
  );
}

/** Moves processes that are all at one place to another. Throws CheckpointMoved where somebody else was faster. */
export async function moveProcesses(client: Queryable, from: readonly ProcessRow[], to: bigint): Promise<ProcessRow[]> {
  const { rows } = await client.query<{ name: string; revision: string }>(
    `update projections.process p set position = $3, revision = p.revision + 1, changed_at = now()
     from unnest($1::text[], $2::bigint[]) as known(name, revision)
     where p.name = known.name and p.revision = known.revision returning p.name, p.revision`,
    [from.map(({ name }) => name), from.map(({ revision }) => revision), String(to)],
  );
  if (rows.length !== from.length) throw new CheckpointMoved();
  const revisions = new Map(rows.map(({ name, revision }) => [name, revision]));
  return from.map((row) => ({ ...row, position: to, revision: revisions.get(row.name)! }));
}

/** Reads instances of any tenants in one query; those that have not begun are missing in the answer. */
export async function readInstances(
  client: Queryable,
  keys: readonly InstanceKey[],
): Promise<readonly (InstanceKey & Instance)[]> {
  const { rows } = await client.query<InstanceKey & Instance>(
    `select process, tenant, instance, state, due from projections.process_instance
     where (process, tenant, instance) in (select * from unnest($1::text[], $2::uuid[], $3::text[]))`,
    [keys.map(({ process }) => process), keys.map(({ tenant }) => tenant), keys.map(({ instance }) => instance)],
  );
  return rows;
}

export async function writeInstance(client: Queryable, key: InstanceKey, value: Instance | null): Promise<void> {
  const of = [key.process, key.tenant, key.instance];
  if (value === null) {
    await client.query(
      'delete from projections.process_instance where process = $1 and tenant = $2 and instance = $3',
      of,
    );
  } else {
    await client.query(
      `insert into projections.process_instance (process, tenant, instance, state, due) values ($1, $2, $3, $4, $5)
       on conflict (process, tenant, instance) do update set state = excluded.state, due = excluded.due`,
      [...of, JSON.stringify(value.state), JSON.stringify(value.due)],
    );
  }
}

// ── parked ────────────────────────────────────────────────────────────────────────────────────────────────
type ParkedRow = Omit<ParkedProcess, 'position' | 'applied' | 'quietUntil' | 'retryAfter'> & {
  position: string;
  applied: string;
  quiet: string;
};

export async function parkedProcesses(client: Queryable): Promise<ParkedProcess[]> {
  const { rows } = await client.query<ParkedRow>(
    `select process, tenant, position, applied, quiet_until as quiet, event_id as "eventId", event_type as "eventType",
       error, tries from projections.process_parked order by process, tenant`,
  );
  return rows.map(({ position, applied, quiet, ...row }) => ({
    ...row,
    position: BigInt(position),
    applied: BigInt(applied),
    quietUntil: BigInt(quiet),
    retryAfter: null,
  }));
}

/** Which are due to be tried again by themselves; `now` is the database's clock when null. */
export async function dueForRetry(client: Queryable, now: Date | null): Promise<{ process: string; tenant: string }[]> {
  const { rows } = await client.query<{ process: string; tenant: string }>(
    `select process, tenant from projections.process_parked where retry_at <= coalesce($1::timestamptz, now())
     order by retry_at`,
    [now],
  );
  return rows;
}

export async function parkProcess(client: Queryable, parked: ParkedProcess, now: Date | null): Promise<void> {
  await client.query(
    `insert into projections.process_parked
       (process, tenant, position, applied, quiet_until, event_id, event_type, error, tries, retry_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($11::timestamptz, now()) + make_interval(secs => $10))
     on conflict (process, tenant) do update set position = excluded.position, applied = excluded.applied,
       quiet_until = excluded.quiet_until, event_id = excluded.event_id, event_type = excluded.event_type,
       error = excluded.error, tries = excluded.tries, retry_at = excluded.retry_at, parked_at = now()`,
    [
      parked.process,
      parked.tenant,
      String(parked.position),
      String(parked.applied),
      String(parked.quietUntil),
      parked.eventId,
      parked.eventType,
      parked.error,
      parked.tries,
      parked.retryAfter,
      now,
    ],
  );
}

export const unparkProcess = (client: Queryable, { process, tenant }: Pick<ParkedProcess, 'process' | 'tenant'>) =>
  client.query('delete from projections.process_parked where process = $1 and tenant = $2', [process, tenant]);
