import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EventStore, openPostgresEventStore } from '@daybook/event-store';
import { newId } from '@daybook/kernel';
import { createPool } from '@daybook/postgres';
import { testDatabase, type TestDatabase } from '@daybook/postgres/testing/database';
import type { Pool } from 'pg';
import { type Acknowledged, faultsIn } from './books.js';
import type { Broken } from './broken.js';
import { type Deposit, programMigrations } from './program.js';

const place = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where a program kills itself; null: it runs until nothing is left to do. */
export type Kill = { readonly after: number } | { readonly point: string; readonly time: number } | null;
export interface Round {
  readonly wasKilled: boolean;
  /** How often each fail point was met; only of one that was not killed. */
  readonly points: Readonly<Record<string, number>>;
}

/** Programs at a time, each on a database of its own. */
export const lanes = 2;

/** Takes work from a list by several workers, until it is empty. */
export async function inLanes<T>(work: readonly T[], one: (item: T, lane: number) => Promise<void>): Promise<void> {
  const left = [...work];
  const lane = async (_: unknown, at: number): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await one(item, at);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Runs until nothing is left to do, and everything must have happened. */
export async function drained(program: FaultRounds): Promise<void> {
  await program.run(null, 0);
  expect(await program.faults({ isIdle: true })).toEqual([]);
}

/** A database, and programs that run on it one after another; what one was not answered, the next sends again. */
export async function faultRounds(broken: Broken | null = null): Promise<FaultRounds> {
  const database = await testDatabase(programMigrations);
  return new FaultRounds(database, broken);
}

export class FaultRounds {
  private readonly store: EventStore;
  private readonly pool: Pool;
  private readonly tenants = [newId(), newId(), newId()];
  private readonly answers: Acknowledged[] = [];
  private readonly unanswered = new Map<string, Deposit>();
  private sent = 0;

  constructor(
    private readonly database: TestDatabase,
    private readonly broken: Broken | null,
  ) {
    this.store = openPostgresEventStore({ url: database.projectorUrl, maxConnections: 2 });
    this.pool = createPool(database.projectorUrl, { max: 2, application: 'fault spec' });
  }

  get adminUrl(): string {
    return this.database.adminUrl;
  }

  /** Sends what nobody answered yet, and so many deposits more. Throws where the program fails by itself. */
  async run(kill: Kill, deposits = 12): Promise<Round> {
    const round = await this.execute(kill, this.toSend(deposits));
    await this.leasesEnd();
    return round;
  }

  /**
   * Two programs at once, of which the first is killed (`kill`), and the other goes on until nothing is left to do. What is sent to the
   * first is sent to the other too.
   */
  async runBeside(kill: Kill, deposits = 8): Promise<Round> {
    const [first, second] = [this.toSend(deposits), this.toSend(deposits)];
    const [round] = await Promise.all([
      this.execute(kill, first).then(async (ended) => {
        await this.leasesEnd();
        return ended;
      }),
      this.execute(null, second),
    ]);
    return round;
  }

  private async execute(kill: Kill, deposits: readonly Deposit[]): Promise<Round> {
    const plan = { url: this.database.projectorUrl, broken: this.broken, kill, deposits };
    const child = spawn(
      process.execPath,
      ['--import', place('../../../../tools/source.mjs'), place('program.fixture.mjs'), JSON.stringify(plan)],
      { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } },
    );
    const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
    let points: Round['points'] = {};
    for await (const line of createInterface(child.stdout)) {
      const at = line.indexOf(' ');
      if (line.startsWith('points ')) points = JSON.parse(line.slice(at)) as Round['points'];
      else this.acknowledge(JSON.parse(line.slice(at)) as Acknowledged);
    }
    const [code, signal] = await ended;
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(`The program ended with ${code ?? signal}.`);
    return { wasKilled: signal === 'SIGKILL', points };
  }

  /** What nobody answered yet, and so many more. */
  private toSend(more: number): Deposit[] {
    for (let i = 0; i < more; i++) {
      const n = (this.sent += 1);
      const one = { tenant: this.tenants[n % 3]!, accountId: `account-${n % 2}`, depositId: newId(), amount: n };
      this.unanswered.set(one.depositId, one);
    }
    return [...this.unanswered.values()];
  }

  private acknowledge(answer: Acknowledged): void {
    this.answers.push(answer);
    this.unanswered.delete(answer.depositId);
  }

  /** What does not hold. */
  faults({ isIdle }: { isIdle: boolean }): Promise<string[]> {
    return faultsIn(this.store, this.pool, this.answers, isIdle);
  }

  /** Those of its jobs end with the process, as they would ten seconds later. */
  private async leasesEnd(): Promise<void> {
    const { rows } = await this.pool.query<{ queue: string | null }>("select to_regclass('pgboss.job') as queue");
    if (rows[0]!.queue === null) return;
    await this.pool.query(
      `update pgboss.job set heartbeat_on = heartbeat_on - interval '1 minute' where state = 'active'`,
    );
  }

  async end(): Promise<void> {
    await Promise.all([this.store.close(), this.pool.end()]);
    await this.database.drop();
  }
}
