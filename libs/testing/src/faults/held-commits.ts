import { event } from '@daybook/kernel';
import { connectTo } from '@daybook/postgres';
import type { TestDatabase } from '@daybook/postgres/testing/database';
import type { Client } from 'pg';
import * as z from 'zod';

/** Holds appends back right before their COMMIT, when all rows are written: the work of a deferred trigger. */
export interface HeldCommits {
  /** From here on, commits of events of this type wait. */
  hold(): Promise<void>;
  release(): Promise<void>;
  /** Commits that wait now. */
  waiting(): Promise<number>;
  /** Ends the server processes of those that wait. */
  terminate(): Promise<void>;
  end(): Promise<void>;
}
/** Events of this type are held; those of the other are refused at their COMMIT. */
export const heldEvent = event('faults.held', {
  data: z.object({ accountId: z.string() }),
  record: ({ accountId }) => ({ type: 'faults.account', id: accountId }),
});
export const heldType = `${heldEvent.name}.v1`;
export const refusedType = 'faults.refused.v1';
const lock = 7_204_999;

export async function heldCommits(database: TestDatabase): Promise<HeldCommits> {
  const admin: Client = await connectTo(database.adminUrl, { application: 'held commits' });
  await admin.query(`
    create function public.hold() returns trigger language plpgsql as $$
    begin
      if new.type = '${refusedType}' then raise exception 'refused by the spec'; end if;
      perform pg_advisory_xact_lock_shared(${lock});
      return null;
    end $$;
    create constraint trigger hold after insert on store.events deferrable initially deferred for each row
      when (new.type in ('${heldType}', '${refusedType}')) execute function public.hold();`);
  const waitingOnes = `select pid from pg_locks where locktype = 'advisory' and objid = ${lock} and not granted
    and database = (select oid from pg_database where datname = current_database())`;
  return {
    hold: async () => void (await admin.query(`select pg_advisory_lock(${lock})`)),
    release: async () => void (await admin.query(`select pg_advisory_unlock_all()`)),
    waiting: async () => (await admin.query(waitingOnes)).rows.length,
    terminate: async () => void (await admin.query(`select pg_terminate_backend(pid) from (${waitingOnes}) w`)),
    end: () => admin.end(),
  };
}

/** Asks the database again and again: it says when the state has come. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((next) => setTimeout(next, 5));
}
