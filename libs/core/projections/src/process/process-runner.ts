import type { StoredEvent } from '@daybook/event-store';
import { hears } from '@daybook/kernel';
import { inTenant } from '@daybook/postgres';
import { eventsBetween } from '../advance.js';
import { decodeOne, eventName, isStaged } from '../decode.js';
import { checkLogOf } from '../log-check.js';
import { groupPosition } from '../registry.js';
import {
  dueForRetry,
  moveProcesses,
  parkedProcesses,
  processRows,
  restartProcess,
  type RunningProcess,
  unparkProcess,
} from './process-registry.js';
import { type Heard, type ProcessDeps, ProcessWork } from './process-work.js';

/*
 * Runs processes beside the read models, in the process that leads (docs/adr/0055). Invariants:
 *
 * - A process hears of an event once the read models have applied it, in the order of the log.
 * - Commands go out before the position moves. After a crash they are sent again under the same ids, and recognised.
 * - The position moves after each event that sent something, so that little is repeated.
 * - A tenant whose event fails is parked; all others go on.
 * - Up to `quietUntil` the state is folded and nothing is sent: a rebuild has no effect outside.
 */
const batchSize = 200;
type Retried = 'level' | 'parked';

export class ProcessRunner {
  private readonly stopping = new AbortController();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(private readonly deps: ProcessDeps) {}

  /** Ends the work under way after the event that it is at. */
  stop(): Promise<unknown> {
    this.stopping.abort();
    return this.turn.catch(() => undefined);
  }

  has(name: string): boolean {
    return this.deps.processes.some((process) => process.name === name);
  }

  /** Handles some of what the read models have applied; false when there is nothing to do now. */
  advance(): Promise<boolean> {
    return this.inTurn(() => this.step());
  }

  /** Takes a parked tenant up again; true when it is level with the others afterwards. */
  retry(name: string, tenant: string): Promise<boolean> {
    return this.inTurn(async () => (await this.retryParked(name, tenant)) === 'level');
  }

  /** Tries again what is parked: all of it, or only what is due to be tried by itself. */
  async retryAll({ onlyDue }: { onlyDue: boolean }): Promise<void> {
    const { pool, now } = this.deps;
    const parked = onlyDue ? await dueForRetry(pool, now?.() ?? null) : await parkedProcesses(pool);
    for (const { process, tenant } of parked) if (this.has(process)) await this.retry(process, tenant);
  }

  /** Folds the state of a process anew. */
  restart(name: string): Promise<void> {
    const process = this.deps.processes.find((one) => one.name === name);
    if (!process) throw new Error(`There is no process ${name}`);
    return this.inTurn(() => restartProcess(this.deps.pool, process));
  }

  /** How far the slowest process is; the head of the read models where there is none. */
  async position(): Promise<bigint> {
    const rows = (await processRows(this.deps.pool)).filter(({ name }) => this.has(name));
    const [first, ...others] = rows.map(({ position }) => position);
    if (first === undefined) return groupPosition(this.deps.pool);
    return others.reduce((least, position) => (position < least ? position : least), first);
  }

  private async step(): Promise<boolean> {
    const { pool, store } = this.deps;
    const all = await this.running();
    const group = await groupPosition(pool);
    const behind = all.filter(({ row }) => row.position < group);
    if (behind.length === 0 || this.stopping.signal.aborted) return false;
    await checkLogOf(pool, store);
    const positions = [...new Set(behind.map(({ row }) => row.position))].sort((a, b) => (a < b ? -1 : 1));
    // One that is folded anew must not hold up the others, nor they it: the foremost take a batch, and the hindmost.
    for (const from of new Set([positions.at(-1)!, positions[0]!])) {
      const together = behind.filter(({ row }) => row.position === from);
      const stop = positions.find((position) => position > from) ?? group;
      const batch = await firstOf(eventsBetween(store, from, stop, batchSize));
      await this.handleBatch(together, batch, from, batch.length < batchSize ? stop : batch.at(-1)!.position);
    }
    return true;
  }

  private async handleBatch(together: RunningProcess[], batch: readonly StoredEvent[], from: bigint, to: bigint) {
    const work = new ProcessWork(this.deps, await parkedProcesses(this.deps.pool));
    let rows = together.map(({ row }) => row);
    let after = from;
    const commit = async (position: bigint): Promise<void> => {
      rows = await inTenant(this.deps.pool, null, async (client) => {
        const moved = await moveProcesses(client, rows, position);
        await work.write(client);
        return moved;
      });
    };
    const heard = await this.heardIn(batch, together, from);
    await work.expect(heard);
    for (const { stored, by, item } of heard) {
      if (this.stopping.signal.aborted) return commit(after);
      let acted = false;
      for (const running of by) {
        if (work.parkedBefore(running, stored.meta, stored.position)) continue;
        if ((await work.handle(running, item!, running.row.quietUntil)) !== 'quiet') acted = true;
      }
      after = stored.position;
      if (acted) await commit(after);
    }
    if (rows.some(({ position }) => position < to)) await commit(to);
  }

  private async retryParked(name: string, tenant: string): Promise<Retried> {
    const { pool, store } = this.deps;
    await checkLogOf(pool, store);
    const running = (await this.running()).find(({ row }) => row.name === name);
    const parked = (await parkedProcesses(pool)).find((one) => one.process === name && one.tenant === tenant);
    if (!running) return 'parked';
    if (!parked) return 'level';
    // Its state is being folded: until that is done, the tenant's is not what it was when it stopped.
    if (running.row.position < running.row.quietUntil) return 'parked';
    const work = new ProcessWork(this.deps, []);
    let { row } = running;
    let { applied } = parked;
    const commit = async (level: boolean): Promise<void> => {
      [row] = (await inTenant(pool, null, async (client) => {
        const moved = await moveProcesses(client, [row], row.position);
        await work.write(client);
        if (level) await unparkProcess(client, parked);
        else await client.query('update projections.process_parked set applied = $3 where process = $1 and tenant = $2', [name, tenant, String(applied)]); // prettier-ignore
        return moved;
      })) as [typeof row];
    };
    for await (const batch of eventsBetween(store, parked.applied, running.row.position, batchSize, tenant)) {
      const own = batch.filter(({ meta }) => meta.tenant === tenant);
      const heard = await this.heardIn(own, [running], applied);
      await work.expect(heard);
      for (const { stored, item } of heard) {
        if (this.stopping.signal.aborted) return 'parked';
        if (!item) continue;
        const outcome = await work.handle(running, item, parked.quietUntil, parked.tries);
        if (outcome !== 'parked') applied = stored.position;
        if (outcome !== 'quiet') await commit(false);
        if (outcome === 'parked') return 'parked';
      }
    }
    await commit(true);
    return 'level';
  }

  /** Those of this program, with their rows; one of another version begins to be folded anew. */
  private async running(): Promise<RunningProcess[]> {
    const { pool, processes } = this.deps;
    const rows = await processRows(pool);
    const paired = processes.flatMap((process) => {
      const row = rows.find(({ name }) => name === process.name);
      return row ? [{ process, row }] : [];
    });
    const outdated = paired.filter(({ process, row }) => process.version !== row.version);
    if (outdated.length === 0) return paired;
    for (const { process } of outdated) await restartProcess(pool, process);
    return this.running();
  }

  private async heardIn(
    batch: readonly StoredEvent[],
    processes: readonly RunningProcess[],
    from: bigint,
  ): Promise<Heard[]> {
    const heard: Heard[] = [];
    let after = from;
    for (const stored of batch) {
      const by = this.handling(processes, stored);
      const item = by.length > 0 ? await decodeOne(this.deps.catalogue, stored, after) : null;
      heard.push({ stored, by, item });
      after = stored.position;
    }
    return heard;
  }

  private handling(running: readonly RunningProcess[], stored: StoredEvent): RunningProcess[] {
    const name = eventName(stored.type);
    const handling = running.filter(({ process }) => process.on.some((reaction) => hears(reaction, name)));
    return handling.length > 0 && !isStaged(this.deps.catalogue, stored) ? handling : [];
  }

  /** One at a time within the process. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.catch(() => undefined).then(work);
    this.turn = mine;
    return mine;
  }
}

async function firstOf(batches: AsyncGenerator<StoredEvent[]>): Promise<StoredEvent[]> {
  for await (const batch of batches) return batch;
  return [];
}
