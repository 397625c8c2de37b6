import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, EventToAppend, GroupOutcome } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import type { Pool, PoolClient } from 'pg';
import { type Parts, soundParts } from './program.js';

/*
 * Parts that are broken on purpose, one for each promise of the core. The fault specs must notice every one (the tests of the
 * tests); each works as long as nothing is killed.
 */

/** Answers before the commit, with the place that the events will have. */
const answersEarly = (store: EventStore): EventStore => {
  let written: Promise<unknown> = Promise.resolve();
  let planned: Promise<unknown> = Promise.resolve();
  let head: bigint | null = null;
  const revisions = new Map<string, number>();
  const plan = async (stream: string, appends: readonly (readonly EventToAppend[])[]): Promise<GroupOutcome[]> => {
    head ??= await store.head();
    let revision = revisions.get(stream) ?? (await store.lastRevisions([stream]))[0]!;
    const outcomes = appends.map((events): GroupOutcome => {
      revision += events.length;
      head! += BigInt(events.length);
      return { kind: 'appended', revision, position: head!, recordedAt: new Date().toISOString(), repeated: false };
    });
    revisions.set(stream, revision);
    return outcomes;
  };
  return {
    ...boundTo(store),
    appendGroup: async (stream, expected, appends) => {
      const outcomes = planned.then(() => plan(stream, appends));
      planned = outcomes;
      const before = written;
      written = outcomes.then(() => before).then(() => sleep(20)).then(() => store.appendGroup(stream, expected, appends)); // prettier-ignore
      return outcomes;
    },
    lastRevisions: (streams) => written.then(() => store.lastRevisions(streams)),
    head: () => written.then(() => store.head()),
  };
};

/** A pool that sends another text in place of some statements, after this. */
const rewriting = (
  pool: Pool,
  rewrite: (text: string) => string,
  before: (client: PoolClient, text: string) => Promise<void> = async () => undefined,
): Pool => {
  const rewritten = (given: unknown): unknown =>
    typeof given === 'string'
      ? rewrite(given)
      : { ...(given as object), text: rewrite((given as { text: string }).text) };
  const connect = async (): Promise<PoolClient> => {
    const client = await pool.connect();
    const query = async (first: string | { text: string }, ...more: unknown[]): Promise<unknown> => {
      await before(client, typeof first === 'string' ? first : first.text);
      return (client.query as (...all: unknown[]) => Promise<unknown>).call(client, rewritten(first), ...more);
    };
    const { on, off, release } = client;
    return {
      query,
      on: on.bind(client),
      off: off.bind(client),
      release: release.bind(client),
    } as unknown as PoolClient;
  };
  const query = (first: unknown, ...more: unknown[]): unknown =>
    (pool.query as (...all: unknown[]) => unknown).call(pool, rewritten(first), ...more);
  return { connect, query } as unknown as Pool;
};

/** Commits rows before the checkpoint. */
const commitsTwice = (pool: Pool): Pool =>
  rewriting(
    pool,
    (text) => text,
    async (client, text) => {
      if (!/^\s*update projections\.checkpoint/.test(text)) return;
      await client.query('commit');
      await client.query("begin; set local daybook.tenant = ''");
    },
  );

/** Applies events without looking who else does: no leader, no lock, no comparison of the checkpoint. */
const appliesAnyway = (pool: Pool): Pool =>
  rewriting(pool, (text) =>
    text
      .replace('pg_try_advisory_lock($1)', '$1::bigint > 0')
      .replace("where id = 'live' for update", "where id = 'live'")
      .replace("where id = 'live' and position = $1", "where id = 'live' and $1::bigint is not null"),
  );

/** A broken part, and at what place a kill shows it; null: it shows beside another program. */
export interface BrokenPart {
  readonly parts: Parts;
  readonly killAt: RegExp | null;
}

export const brokenParts = {
  'answers before the commit': {
    parts: { ...soundParts, store: answersEarly },
    killAt: /^events: select \* from store\.append.*before/,
  },
  'commits the rows before the checkpoint': {
    parts: { ...soundParts, projectorPool: commitsTwice },
    killAt: /^projector: begin; set local.*before/,
  },
  'sends the commands of a process under new ids': {
    parts: { ...soundParts, stepId: () => newId() },
    killAt: /^projector: update projections\.process p.*before/,
  },
  'repeats a job under a new id': {
    parts: { ...soundParts, jobId: () => newId() },
    killAt: /^jobs: update "jobs"\."job" set "state" = .*"result".*before/,
  },
  'ends a job before its work': {
    parts: { ...soundParts, doJob: async (work) => void setTimeout(() => void work().catch(() => undefined), 30) },
    killAt: /^projector queue: WITH results.*before/,
  },
  'applies what another program applied': {
    parts: { ...soundParts, projectorPool: appliesAnyway },
    killAt: null,
  },
} as const satisfies Readonly<Record<string, BrokenPart>>;

export type Broken = keyof typeof brokenParts;

const boundTo = (store: EventStore): EventStore => ({
  findsRepeats: store.findsRepeats,
  append: (...args) => store.append(...args),
  appendGroup: (...args) => store.appendGroup(...args),
  readStream: (...args) => store.readStream(...args),
  readAll: (...args) => store.readAll(...args),
  subscribeAll: (...args) => store.subscribeAll(...args),
  lastRevisions: (...args) => store.lastRevisions(...args),
  eventAt: (...args) => store.eventAt(...args),
  head: () => store.head(),
  close: () => store.close(),
});
