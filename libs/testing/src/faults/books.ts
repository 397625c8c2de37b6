import type { EventStore, StoredEvent } from '@daybook/event-store';
import type { Pool } from 'pg';
import { accountStream, type deposited } from './deposits.js';
import type * as z from 'zod';

/* What must hold after every kill: see `faultsIn`. */
export interface Acknowledged {
  readonly depositId: string;
  readonly position: string;
  readonly version: number;
}

export async function everyEvent(store: EventStore): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of store.readAll()) all.push(event);
  return all;
}

const typeOf = ({ type }: StoredEvent): string => type.replace(/\.v\d+$/, '');
const isDeposit = (event: StoredEvent): boolean => typeOf(event) === 'faults.deposited';
const dataOf = (event: StoredEvent): z.infer<typeof deposited.data> => event.data as z.infer<typeof deposited.data>;

/** How often each value occurs. */
const counted = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
};

/** Positions have no holes, nor have revisions, and the numbers that deciders gave count on. */
export function faultsOfLog(log: readonly StoredEvent[]): string[] {
  const faults: string[] = [];
  const last = new Map<string, number>();
  for (const [at, { position, stream, revision, data }] of log.entries()) {
    if (position !== BigInt(at + 1)) faults.push(`the log has ${position} in place of ${at + 1}`);
    const next = (last.get(stream) ?? -1) + 1;
    if (revision !== next) faults.push(`${stream} has revision ${revision} in place of ${next}`);
    last.set(stream, revision);
    const { number } = data as { number?: number };
    if (number !== undefined && number !== revision + 1) faults.push(`${stream} counts ${number} at ${revision}`);
  }
  return faults;
}

/** What was acknowledged is in the log once, where it was said to be. */
export function faultsOfAnswers(log: readonly StoredEvent[], answers: readonly Acknowledged[]): string[] {
  const deposits = Map.groupBy(log.filter(isDeposit), (event) => dataOf(event).depositId);
  return [
    ...[...deposits]
      .filter(([, events]) => events.length > 1)
      .map(([depositId, events]) => `${depositId} is ${events.length} times in the log`),
    ...answers.flatMap(({ depositId, position, version }) => {
      const [found] = deposits.get(depositId) ?? [];
      if (!found) return [`${depositId} was acknowledged and is not in the log`];
      const isThere = String(found.position) === position && found.revision + 1 === version;
      return isThere ? [] : [`${depositId} was acknowledged at ${position} and is at ${found.position}`];
    }),
  ];
}

/** What follows a deposit happens at most once, and exactly once where nothing is left to do. */
export function faultsOfProcesses(log: readonly StoredEvent[], isIdle: boolean): string[] {
  const depositIds = log.filter(isDeposit).map((event) => dataOf(event).depositId);
  return (
    [
      ['faults.receipt-booked', 'receiptId'],
      ['faults.receipt-counted', 'receiptId'],
      ['platform.process-due', 'instance'],
      ['faults.receipt-settled', 'receiptId'],
      ['faults.receipt-stamped', 'receiptId'],
    ] as const
  ).flatMap(([type, field]) => {
    const events = log.filter((event) => typeOf(event) === type);
    const times = counted(events.map(({ data }) => (data as Record<string, string>)[field]!));
    return depositIds.flatMap((depositId) => {
      const count = times.get(depositId) ?? 0;
      return count > 1 || (isIdle && count === 0) ? [`${depositId}: ${type} happened ${count} times`] : [];
    });
  });
}

/** The rows are the fold of the log up to the checkpoint. */
export async function faultsOfReadModels(pool: Pool, log: readonly StoredEvent[]): Promise<string[]> {
  const accounts = new Map<string, { total: number; deposits: number }>();
  const receipts = new Map<string, string>();
  const { rows: shown, position } = await readModels(pool);
  for (const event of log.filter((one) => one.position <= position)) {
    const { tenant } = event.meta;
    if (isDeposit(event)) {
      const { accountId, amount } = dataOf(event);
      const { total, deposits } = accounts.get(accountStream(tenant, accountId)) ?? { total: 0, deposits: 0 };
      accounts.set(accountStream(tenant, accountId), { total: total + amount, deposits: deposits + 1 });
    }
    const { receiptId } = event.data as { receiptId?: string };
    if (typeOf(event) === 'faults.receipt-booked') receipts.set(`${tenant} ${receiptId}`, 'booked');
    if (typeOf(event) === 'faults.receipt-settled') receipts.set(`${tenant} ${receiptId}`, 'settled');
  }
  const folded = [
    ...[...accounts].map(([account, { total, deposits }]) => `${account}: ${total} in ${deposits}`),
    ...[...receipts].map(([receipt, state]) => `${receipt}: ${state}`),
  ];
  const difference = (a: readonly string[], b: readonly string[]) => a.filter((row) => !b.includes(row));
  return [
    ...difference(shown, folded).map((row) => `a read model has "${row}", which the log does not have`),
    ...difference(folded, shown).map((row) => `a read model lacks "${row}"`),
  ];
}

/** Both read models and the position that they are of; none where they are not built yet. */
async function readModels(pool: Pool): Promise<{ rows: string[]; position: bigint }> {
  const { rows: live } = await pool.query<{ name: string; schema: string; position: string }>(
    `select g.name, g.schema, c.position from projections.generation g, projections.checkpoint c
     where g.status = 'live' and c.id = 'live' order by g.name`,
  );
  const [accounts, receipts] = live;
  if (accounts?.name !== 'accounts' || receipts?.name !== 'receipts') return { rows: [], position: 0n };
  const { rows } = await pool.query<{ row: string; position: string }>(
    `select c.position, r.row from projections.checkpoint c left join (
       select 'faults.account-' || tenant || '-' || "accountId" || ': ' || total || ' in ' || deposits as row
         from ${accounts.schema}.accounts
       union all select tenant || ' ' || "receiptId" || ': ' || state from ${receipts.schema}.receipts) r on true
     where c.id = 'live'`,
  );
  return { rows: rows.flatMap(({ row }) => row ?? []), position: BigInt(rows[0]!.position) };
}

/** Nothing is parked; and where nothing is left to do, every instance has ended, and every job. */
export async function faultsOfWork(pool: Pool, isIdle: boolean): Promise<string[]> {
  const { rows } = await pool.query<{ fault: string }>(
    `select 'a process is parked: ' || error as fault from projections.process_parked
     union all select 'a read model is parked: ' || error from projections.parked
     union all select 'a job failed: ' || coalesce(error::text, '') from jobs.job where state = 'failed'
     union all select instance || ' is still under way' from projections.process_instance where $1
     union all select id || ' is a job that is ' || state from jobs.job where $1 and state in ('waiting', 'running')`,
    [isIdle],
  );
  return rows.map(({ fault }) => fault);
}

/** Everything that does not hold, in words; `isIdle` where the program had nothing left to do. */
export async function faultsIn(
  store: EventStore,
  pool: Pool,
  answers: readonly Acknowledged[],
  isIdle: boolean,
): Promise<string[]> {
  const log = await everyEvent(store);
  return [
    ...faultsOfLog(log),
    ...faultsOfAnswers(log, answers),
    ...faultsOfProcesses(log, isIdle),
    ...(await faultsOfReadModels(pool, log)),
    ...(await faultsOfWork(pool, isIdle)),
  ];
}
