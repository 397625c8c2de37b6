import { setTimeout as sleep } from 'node:timers/promises';
import type { EventCatalogue, EventStore, StoredEvent } from '@daybook/event-store';
import {
  type Accepted,
  type CommandOperation,
  type CommandResult,
  type DecideContext,
  eventIdOf,
  type EventMeta,
  isRejection,
  nameId,
  type NewEvent,
  reject,
  type Rejection,
  tenantOfStream,
} from '@daybook/kernel';
import type { Caller, DecideBinding, OperationContext } from '../context.js';
import type { Dependencies } from '../dispatch/dependencies.js';
import { canonicalJson, deriveKey, hmac } from '../crypto.js';
import { Serial } from './serial.js';
import { refusingUnknown } from './unknown-event.js';
import { StreamCache, StreamState } from './stream-state.js';

/** One command on its way: validated input, who sends it, and the ids everything follows from. */
export interface CommandCall {
  readonly operation: CommandOperation;
  readonly input: Record<string, unknown>;
  readonly caller: Caller;
  readonly commandId: string;
  readonly newId: string;
  readonly causationId: string | null;
  readonly expectedVersion: number | null;
}

export interface CommandExecutorOptions {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  readonly context: OperationContext;
  /** What Nest injected for a binding; nothing when absent. */
  readonly dependencies?: Pick<Dependencies, 'of'>;
  readonly secret: string;
  readonly now?: () => Date;
  /** Streams kept folded in memory. */
  readonly capacity?: number;
  readonly attempts?: number;
  /** Counts exchanges of the log: what was folded and known of the one before is forgotten. */
  readonly epoch?: () => number;
  /** Seconds one append took, for the metrics. */
  readonly onAppend?: (seconds: number) => void;
}

/**
 * The generic handler of `decide` bindings: load, answer a repeat, decide,
 * append, retry on a lost race. Commands on one stream queue up in this process; other processes are met by revision.
 */
export class CommandExecutor {
  private readonly serial = new Serial();
  private readonly cache: StreamCache;
  private readonly inputKey: Buffer;
  private readonly deciders = new Map<DecideBinding['decider'], number>();
  private epoch = 0;

  constructor(private readonly options: CommandExecutorOptions) {
    this.cache = new StreamCache(options.capacity ?? 500);
    this.inputKey = deriveKey(options.secret, 'command-input');
  }

  async handle(binding: DecideBinding, asked: CommandCall): Promise<CommandResult | Rejection> {
    const { stream, call } = placed(binding, asked, this.injectedInto(binding));
    if (tenantOfStream(stream) !== call.caller.tenant) {
      throw new Error(`${call.operation.name} names a stream outside its caller's tenant: ${stream}`);
    }
    const outcome = await this.serial.run(stream, () => this.attempt(binding, call, stream));
    if (!isRejection(outcome)) {
      const { context } = this.options;
      const command = { name: call.operation.name, input: call.input };
      await binding.afterwards(command, call.caller, context, this.injectedInto(binding));
    }
    return outcome;
  }

  /** Decides without appending: a rejection, or null; 'repeat' for a command that was accepted before. */
  rehearse(binding: DecideBinding, asked: CommandCall): Promise<Rejection | 'repeat' | null> {
    const { stream, call } = placed(binding, asked, this.injectedInto(binding));
    return this.serial.run(stream, async () => {
      const loaded = await this.load(binding, stream);
      if (await this.repeatOf(loaded, stream, call.commandId)) return 'repeat';
      const { state } = loaded;
      const command = { name: call.operation.name, input: call.input };
      const facts = await this.factsFor(binding, command, state, call);
      if (isRejection(facts)) return facts;
      const decision = binding.decider.decide(command, state, this.contextOf(call), facts);
      return isRejection(decision) ? decision : null;
    });
  }

  private injectedInto(binding: DecideBinding): never {
    return this.options.dependencies?.of(binding) ?? ({} as never);
  }

  private factsFor(
    binding: DecideBinding,
    command: Parameters<DecideBinding['facts']>[0],
    state: unknown,
    { caller }: CommandCall,
  ): Promise<unknown> {
    return binding.facts(command, state, caller, this.options.context, this.injectedInto(binding));
  }

  private async attempt(binding: DecideBinding, call: CommandCall, stream: string): Promise<CommandResult | Rejection> {
    const attempts = this.options.attempts ?? 20;
    const inputHmac = hmac(this.inputKey, canonicalJson(call.input)).toString('base64url');
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const state = await this.load(binding, stream);
      const before = await this.repeatOf(state, stream, call.commandId);
      if (before) return repeated(before, inputHmac);

      const command = { name: call.operation.name, input: call.input };
      const facts = await this.factsFor(binding, command, state.state, call);
      if (isRejection(facts)) return facts;
      const context = this.contextOf(call);
      const decision = binding.decider.decide(command, state.state, context, facts);
      if (isRejection(decision)) return decision;
      if (decision.events.length === 0) {
        if (!binding.mayChangeNothing) throw new Error(`${call.operation.name} was accepted without any event`);
        return { id: decision.id, version: decision.version, position: String(state.position) };
      }
      const answer = await this.append(binding, call, stream, state, decision, inputHmac);
      if (answer !== 'conflict') return answer;
      await sleep(Math.random() * Math.min(200, 4 * 2 ** attempt));
    }
    return reject('platform.busy', 'Many changes meet here at once. Nothing was written; try again in a moment.', {
      status: 503,
      details: { retryAfterSeconds: 1 },
    });
  }

  private async load(binding: DecideBinding, stream: string): Promise<StreamState> {
    const epoch = this.options.epoch?.() ?? 0;
    if (this.epoch !== epoch) this.cache.clear();
    this.epoch = epoch;
    const key = this.cacheKey(binding, stream);
    const state = this.cache.get(key) ?? new StreamState(binding);
    // A read that fails half-way leaves a consistent prefix, so the state may stay; a fold that throws may not.
    try {
      await refusingUnknown(() => state.readTail(stream, this.options.store, this.options.catalogue));
    } catch (error) {
      this.cache.delete(key);
      throw error;
    }
    if ((this.options.epoch?.() ?? 0) === epoch) this.cache.set(key, state);
    return state;
  }

  /** What the stream says it answered to that command; null when it does not hold it. */
  private async repeatOf(state: StreamState, stream: string, commandId: string): Promise<Written | null> {
    for (const revision of state.commands.find(commandId)) {
      const written = await this.answerAt(stream, revision, commandId);
      if (written) return written;
    }
    return null;
  }

  /** The answer of the command that wrote the event at that revision, if it is the one in question. */
  private async answerAt(stream: string, revision: number, commandId: string): Promise<Written | null> {
    const meta = (await this.eventAt(stream, revision))?.meta;
    if (meta?.commandId !== commandId) return null;
    // The last event of a command completes its answer.
    const last = await this.eventAt(stream, revision - meta.index + meta.count - 1);
    if (last?.meta.commandId !== commandId) return null;
    const { id, version } = last.meta.answer ?? last.meta.record;
    const { inputHmac } = (await this.options.catalogue.fromStore(last)).meta;
    return { inputHmac, result: { id, version, position: String(last.position) } };
  }

  private async eventAt(stream: string, revision: number): Promise<StoredEvent | null> {
    for await (const stored of this.options.store.readStream(stream, { from: revision, limit: 1 })) return stored;
    return null;
  }

  private async append(
    binding: DecideBinding,
    call: CommandCall,
    stream: string,
    state: StreamState,
    decision: Accepted,
    inputHmac: string,
  ): Promise<CommandResult | Rejection | 'conflict'> {
    const metas = decision.events.map((event, index) => this.metaOf(call, decision, event, index, inputHmac));
    const { catalogue } = this.options;
    const kept = { inputHmac: await catalogue.sealedHmac(inputHmac, decision.events, call.caller.tenant) };
    const events = await Promise.all(
      decision.events.map((event, index) =>
        catalogue.toStore(eventIdOf(call.commandId, stream, index), event, { ...metas[index]!, ...kept }),
      ),
    );
    const started = performance.now();
    const outcome = await this.options.store.append(stream, state.revision < 0 ? 'none' : state.revision, events);
    this.options.onAppend?.((performance.now() - started) / 1000);
    switch (outcome.kind) {
      case 'conflict':
        return 'conflict';
      case 'too-large':
        return reject(
          'platform.append-too-large',
          `This makes ${outcome.bytes} bytes of events; at most ${outcome.limit} fit in one step. Divide it.`,
          { status: 413, details: { bytes: outcome.bytes, limit: outcome.limit } },
        );
      case 'appended': {
        // Another process was faster with the same command: what it wrote counts, and is folded when the stream is read.
        if (outcome.repeated) {
          const written = await this.answerAt(stream, outcome.revision, call.commandId);
          if (!written)
            throw new Error(`${stream} repeats ${call.commandId} at ${outcome.revision}, and does not hold it`);
          return repeated(written, inputHmac);
        }
        const first = outcome.revision - decision.events.length + 1;
        try {
          if (first === state.revision + 1) {
            decision.events.forEach((event, index) =>
              state.take(event, {
                revision: first + index,
                position: outcome.position,
                meta: metas[index]!,
              }),
            );
          }
        } catch (error) {
          this.cache.delete(this.cacheKey(binding, stream));
          throw error;
        }
        return { id: decision.id, version: decision.version, position: String(outcome.position) };
      }
    }
  }

  /** The one place that fills event metadata. */
  private metaOf(call: CommandCall, decision: Accepted, event: NewEvent, index: number, inputHmac: string): EventMeta {
    const declaration = this.options.catalogue.declaration(event.type);
    if (!declaration) throw new Error(`${call.operation.name} decided the undeclared event ${event.type}`);
    const record = declaration.record(event.data);
    const version = record.id === decision.id ? decision.version : (decision.others?.[record.id] ?? 1);
    const last = index === decision.events.length - 1;
    const { caller } = call;
    return {
      tenant: caller.tenant,
      actor: caller.actor,
      ...(caller.onBehalfOf ? { onBehalfOf: caller.onBehalfOf } : {}),
      operation: call.operation.name,
      commandId: call.commandId,
      index,
      count: decision.events.length,
      correlationId: caller.correlationId,
      causationId: call.causationId,
      channel: caller.channel,
      address: caller.address,
      reason: caller.reason,
      inputHmac,
      record: { ...record, version },
      ...(last && record.id !== decision.id ? { answer: { id: decision.id, version: decision.version } } : {}),
    };
  }

  private contextOf(call: CommandCall): DecideContext {
    return {
      now: this.now().toISOString(),
      tenant: call.caller.tenant,
      actor: call.caller.actor.id,
      commandId: call.commandId,
      newId: call.newId,
      expectedVersion: call.expectedVersion,
      reason: call.caller.reason,
    };
  }

  /** Bindings of one decider share what it folded: a stream is read once for all of its commands. */
  private cacheKey({ decider }: DecideBinding, stream: string): string {
    let id = this.deciders.get(decider);
    if (id === undefined) this.deciders.set(decider, (id = this.deciders.size));
    return `${id} ${stream}`;
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}

/** The record a command makes has the same id on every repeat of the same key. */
export const newIdOf = (commandId: string): string => nameId(commandId, 'record');

/**
 * The command with its stream. One key may be used on several streams, where it makes different commands: a record that a
 * keyed command makes in a stream of others (an entry in a ledger) gets an id that holds the stream, as its events do. A
 * stream named after the new record is found by that id alone.
 */
function placed(binding: DecideBinding, call: CommandCall, injected: never): { stream: string; call: CommandCall } {
  const stream = binding.stream(call.input, call.caller, call.newId, injected);
  const keyed = call.newId === newIdOf(call.commandId);
  if (!keyed || stream.endsWith(call.newId)) return { stream, call };
  return { stream, call: { ...call, newId: nameId(call.commandId, 'record', stream) } };
}

/** What a command answered, as its stored events tell it. */
interface Written {
  readonly inputHmac: string;
  readonly result: CommandResult;
}

const repeated = (written: Written, inputHmac: string): CommandResult | Rejection =>
  written.inputHmac === inputHmac
    ? written.result
    : reject(
        'platform.idempotency-key-reused',
        'This Idempotency-Key was used before with other content. Use a new key for a new command.',
        { status: 422 },
      );
