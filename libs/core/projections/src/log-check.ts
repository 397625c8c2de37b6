import { type EventStore, identifyLog, logIdentity } from '@daybook/event-store';
import { inTenant } from '@daybook/postgres';
import type { ClientBase, Pool } from 'pg';
import { restartAllProcesses } from './process/process-registry.js';
import { dropGeneration, lockGroup } from './registry.js';

/*
 * Is the log the one that the read models were built from (docs/adr/0041)? The checkpoint records the identity of the log and the
 * last event that was applied. Another log, an emptied one, one that was restored to an earlier state, and one whose end was
 * rewritten all lack that event at that position, or have another identity.
 */
type Queryable = Pick<ClientBase, 'query'>;
type Log = Pick<EventStore, 'append' | 'readStream' | 'head'>;

/** The last event that was applied; the log must still have it at this position. */
export interface AppliedEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  /** RFC 3339. Needed since a command that is retried with its key after a restore gets the same ids at the same position. */
  readonly recordedAt: string;
}

export interface Checkpoint {
  readonly position: bigint;
  /** Identity of the log; null before the first start. */
  readonly log: string | null;
  /** The event at `position`; null while nothing has been applied. */
  readonly last: AppliedEvent | null;
}

export type Difference = 'emptied' | 'other-log' | 'restored';

const what: Readonly<Record<Difference, string>> = {
  emptied: 'The event log is empty',
  'other-log': 'The event log is another one',
  restored: 'The event log was restored to an earlier state, or rewritten',
};

/** What the operator can do. */
export const remedy =
  'Restore the log that belongs to this database (EVENTSTORE_URL, or schema store of DATABASE_URL), or throw the read ' +
  'models away and build them from this log: daybook projections rebuild --from-this-log.';

/** The log is not the one that the read models were made from. Its message is for the operator. */
export class LogReplaced extends Error {
  override readonly name = 'LogReplaced';
  constructor(
    readonly difference: Difference,
    readonly position: bigint,
  ) {
    super(`${what[difference]}: it does not hold event ${position}, up to which this database was built. ${remedy}`);
  }
}

type CheckpointRow = {
  position: string;
  log: string | null;
  event_id: string | null;
  stream: string | null;
  revision: number | null;
  recorded_at: string | null;
};

export async function readCheckpoint(client: Queryable): Promise<Checkpoint> {
  const { rows } = await client.query<CheckpointRow>(
    `select position, log, event_id, stream, revision, recorded_at from projections.checkpoint where id = 'live'`,
  );
  const { log, event_id: id, stream, revision, recorded_at: recordedAt } = rows[0]!;
  const position = BigInt(rows[0]!.position);
  const isNoted = id !== null && stream !== null && revision !== null && recordedAt !== null;
  return { position, log, last: isNoted ? { id, stream, revision, position, recordedAt } : null };
}

/** Does the log have this event at this position? Works with any login, since a stream is read as the tenant in its name. */
export async function logContains(store: Pick<EventStore, 'readStream'>, event: AppliedEvent): Promise<boolean> {
  for await (const found of store.readStream(event.stream, { from: event.revision, limit: 1 })) {
    const isSameTime = Date.parse(found.recordedAt) === Date.parse(event.recordedAt);
    return found.id === event.id && found.position === event.position && isSameTime;
  }
  return false;
}

/**
 * Throws LogReplaced if the log is not that of the checkpoint. Returns the identity of the log, null if it has none yet. Only
 * reads.
 */
export async function checkLog(store: Log, checkpoint: Checkpoint): Promise<string | null> {
  const { position, log, last } = checkpoint;
  const [identity, held] = await Promise.all([logIdentity(store), last === null ? true : logContains(store, last)]);
  const isOther = log !== null && identity !== log;
  if (!isOther && held) return identity;
  const isEmpty = identity === null && (await store.head()) === 0n;
  throw new LogReplaced(isEmpty ? 'emptied' : isOther ? 'other-log' : 'restored', position);
}

/** Like `checkLog`, with the current checkpoint. */
export const checkLogOf = async (client: Queryable, store: Log): Promise<string | null> =>
  checkLog(store, await readCheckpoint(client));

/**
 * At the start of a process: checks the log, gives it an identity if it has none, and records that in the checkpoint. Safe when
 * several processes start at once. When it throws LogReplaced, nothing was written. With the API's login, recording is left to
 * the projector.
 */
export async function adoptLog(pool: Pool, store: Log, mayNote: boolean): Promise<void> {
  await checkLog(store, await readCheckpoint(pool));
  const log = await identifyLog(store);
  if (mayNote) {
    await pool.query(`update projections.checkpoint set log = $1 where id = 'live' and log is null`, [log]);
  }
}

/**
 * Drops all read models, so that the projector rebuilds them from this log, whichever it is, and records that. Nothing else
 * changes (docs/operator.md says what stays). Returns the identity of the log and how many were dropped.
 */
export async function rebuildFromThisLog(pool: Pool, store: Log): Promise<{ log: string; dropped: number }> {
  const [log, head] = [await identifyLog(store), await store.head()];
  const dropped = await inTenant(pool, null, async (client) => {
    await lockGroup(client);
    const { rows } = await client.query<{ schema: string }>('select schema from projections.generation');
    for (const { schema } of rows) await dropGeneration(client, schema);
    await client.query('delete from projections.request');
    await restartAllProcesses(client, head);
    // Which subjects are erased follows from this log.
    await client.query('delete from projections.erased');
    await client.query(
      `update projections.checkpoint
       set position = 0, recorded_at = null, log = $1, event_id = null, stream = null, revision = null
       where id = 'live'`,
      [log],
    );
    return rows.length;
  });
  return { log, dropped };
}
