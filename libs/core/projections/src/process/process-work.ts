import type { EventCatalogue, EventStore, StoredEvent } from '@daybook/event-store';
import {
  type Act,
  carryOut,
  instancesIn,
  type Process,
  react,
  type Reacted,
  type RecordedEvent,
  type Rejection,
  stepCommandId,
  StepRejected,
} from '@daybook/kernel';
import type { ClientBase, Pool } from 'pg';
import type { Decoded } from '../decode.js';
import { describeError, isInfrastructureError, isOutsideError } from '../errors.js';
import { LogReplaced } from '../log-check.js';
import {
  type Instance,
  type InstanceKey,
  type ParkedProcess,
  parkProcess,
  readInstances,
  type RunningProcess,
  writeInstance,
} from './process-registry.js';

/** What a step is part of. */
export interface ActOf {
  readonly process: Process;
  readonly event: RecordedEvent;
  readonly instance: string;
  /** The id of the command, or of the wait: the same on every repeat. */
  readonly id: string;
}
export interface ProcessDeps {
  readonly pool: Pool;
  readonly store: EventStore;
  /** Opens nothing that is personal: processes name people by id. */
  readonly catalogue: EventCatalogue;
  readonly processes: readonly Process[];
  /** Sends a command or sets a wait; repeated after a crash. What it throws is an outage or a bug, a rejection is a value. */
  readonly act: (act: Act, of: ActOf) => Promise<Rejection | null>;
  /** Calls off a wait by its id; one that is over already is fine. */
  readonly callOff: (tenant: string, id: string) => Promise<void>;
  /** Tells when a parked process is tried again; the database's clock by default. */
  readonly now?: () => Date;
}

const passing = new Set([429, 503]);
const retryAfter = (tries: number): number => Math.min(60, 2 ** (tries - 1));
const nameOf = ({ process, tenant, instance }: InstanceKey): string => `${process} ${tenant} ${instance}`;

/** The event for a process; one that cannot be read is an error for a process that handles its type. */
function heardBy({ on }: Process, item: Decoded): RecordedEvent {
  if (item.event) return item.event;
  if (on.some(({ event }) => event?.name === item.envelope.type)) throw item.error;
  return { ...item.envelope, data: null };
}

/** An event of a batch, and the processes that hear it. */
export interface Heard {
  readonly stored: StoredEvent;
  readonly by: readonly RunningProcess[];
  /** null where none does. */
  readonly item: Decoded | null;
}

/** Those that an event is about; none where it cannot be read, which shows when it is handled. */
function instancesOf(process: Process, item: Decoded): InstanceKey[] {
  const { tenant } = item.stored.meta;
  try {
    return instancesIn(process, heardBy(process, item)).map((instance) => ({
      process: process.name,
      tenant,
      instance,
    }));
  } catch {
    return [];
  }
}

/** Handles events one by one, and keeps what that changes until it is written. */
export class ProcessWork {
  private readonly instances = new Map<string, { key: InstanceKey; value: Instance | null; changed: boolean }>();
  private readonly newlyParked: ParkedProcess[] = [];
  private readonly parked: Map<string, ParkedProcess>;

  constructor(
    private readonly deps: ProcessDeps,
    parked: readonly ParkedProcess[],
  ) {
    this.parked = new Map(parked.map((one) => [`${one.process} ${one.tenant}`, one]));
  }

  /** What the process waits for before this event is handled for its tenant; undefined: nothing. */
  parkedBefore({ process }: RunningProcess, { tenant }: { tenant: string }, position: bigint) {
    const found = this.parked.get(`${process.name} ${tenant}`);
    return found && position > found.applied ? found : undefined;
  }

  /** Reads the instances that a batch is about in one query. */
  async expect(batch: readonly Heard[]): Promise<void> {
    const handled = batch.flatMap(({ by, item }) => by.map(({ process }) => ({ process, item: item! })));
    await this.load(handled.flatMap(({ process, item }) => instancesOf(process, item)));
  }

  /**
   * Handles an event for a process; answers whether anything was sent or set. What fails for a reason that lies in the event
   * parks the tenant; an outage is thrown.
   */
  async handle(
    running: RunningProcess,
    item: Decoded,
    quietUntil: bigint,
    tries = 0,
  ): Promise<'acted' | 'quiet' | 'parked'> {
    const { position, meta } = item.stored;
    try {
      const event = heardBy(running.process, item);
      return (await this.react(running.process, event, position <= quietUntil)) ? 'acted' : 'quiet';
    } catch (error) {
      if (isInfrastructureError(error) || error instanceof LogReplaced) throw error;
      const parked: ParkedProcess = {
        process: running.process.name,
        tenant: meta.tenant,
        position,
        applied: item.after,
        quietUntil,
        eventId: item.stored.id,
        eventType: item.stored.type,
        error: describeError(error),
        tries: tries + 1,
        retryAfter: error instanceof StepRejected && passing.has(error.rejection.status) ? retryAfter(tries + 1) : null,
      };
      this.parked.set(`${parked.process} ${parked.tenant}`, parked);
      this.newlyParked.push(parked);
      return 'parked';
    }
  }

  private async react(process: Process, event: RecordedEvent, isQuiet: boolean): Promise<boolean> {
    const { tenant } = event.meta;
    const keyOf = (instance: string): InstanceKey => ({ process: process.name, tenant, instance });
    await this.load(instancesIn(process, event).map(keyOf));
    let acted = false;
    const changed: [InstanceKey, Instance | null][] = [];
    const known = (instance: string) => this.instances.get(nameOf(keyOf(instance)))?.value ?? null;
    for (const one of react(process, event, (instance) => known(instance)?.state)) {
      // As with most events of a process that hears every event.
      if (one.steps.length === 0) continue;
      if (!isQuiet) acted = (await this.carryOut(process, event, one)) || acted;
      const before = changed.findLast(([key]) => key.instance === one.instance)?.[1] ?? known(one.instance);
      const due = this.dueAfter(process, event, one, before?.due ?? {});
      const calledOff = Object.entries(before?.due ?? {}).filter(([step, id]) => due?.[step] !== id);
      if (!isQuiet) for (const [, id] of calledOff) await this.deps.callOff(tenant, id);
      changed.push([keyOf(one.instance), due === null ? null : { state: one.state, due }]);
    }
    // Only now: an event that fails half-way leaves nothing behind, and is handled again as a whole.
    for (const [key, value] of changed) this.instances.set(nameOf(key), { key, value, changed: true });
    return acted;
  }

  private async carryOut(process: Process, event: RecordedEvent, { instance, steps }: Reacted): Promise<boolean> {
    const acting = carryOut(steps);
    let acted = false;
    for (let next = acting.next(null); !next.done; acted = true) {
      const act = next.value;
      const id = stepCommandId(process.name, event.id, act.name);
      next = acting.next(await this.act(act, { process, event, instance, id }));
    }
    return acted;
  }

  private async act(act: Act, of: ActOf): Promise<Rejection | null> {
    try {
      return await this.deps.act(act, of);
    } catch (error) {
      if (isOutsideError(error) || error instanceof LogReplaced) throw error;
      throw new Error(`${act.name}: ${describeError(error)}`, { cause: error });
    }
  }

  /** The waits of an instance after an event; null once it has ended, or if it never began. */
  private dueAfter(
    process: Process,
    event: RecordedEvent,
    { steps, state }: Reacted,
    before: Instance['due'],
  ): Instance['due'] | null {
    if (state === undefined) return null;
    const set = steps.flatMap((step) =>
      step.kind === 'due-at' ? [[step.name, stepCommandId(process.name, event.id, step.name)] as const] : [],
    );
    return { ...before, ...Object.fromEntries(set) };
  }

  private async load(keys: readonly InstanceKey[]): Promise<void> {
    const unknown = keys.filter((key) => !this.instances.has(nameOf(key)));
    if (unknown.length === 0) return;
    const begun = await readInstances(this.deps.pool, unknown);
    for (const key of unknown) this.instances.set(nameOf(key), { key, value: null, changed: false });
    for (const { state, due, ...key } of begun) {
      this.instances.set(nameOf(key), { key, value: { state, due }, changed: false });
    }
  }

  /** Writes what has changed, in the caller's transaction. */
  async write(client: ClientBase): Promise<void> {
    for (const one of this.instances.values()) {
      if (one.changed) await writeInstance(client, one.key, one.value);
      one.changed = false;
    }
    for (const parked of this.newlyParked.splice(0)) await parkProcess(client, parked, this.deps.now?.() ?? null);
  }
}
