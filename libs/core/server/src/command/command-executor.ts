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
import { eventMetaOf } from './event-meta.js';
import { KeyedQueue } from './keyed-queue.js';
import { rejectUnknownEvents } from './unknown-event.js';
import { StreamCache, StreamState } from './stream-state.js';

/** One command to execute: validated input, caller, and the ids from which all others are derived. */
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
  /** What Nest injected for each binding. */
  readonly dependencies?: Pick<Dependencies, 'of'>;
  readonly secret: string;
  readonly now?: () => Date;
  /** Streams whose state is cached. */
  readonly capacity?: number;
  readonly attempts?: number;
  /** Counts how often the log was replaced: the cache is cleared when it changes. */
  readonly epoch?: () => number;
  /** Duration of an append in seconds, for the metrics. */
  readonly onAppend?: (seconds: number) => void;
}

/**
 * Executes commands of `decide` bindings: loads the stream, answers a repeat, decides, appends, and retries on a write
 * conflict. Commands on one stream are serialised within this process; optimistic concurrency by revision guards against
 * other processes.
 */
export class CommandExecutor {
  private readonly queue = new KeyedQueue();
  private readonly cache: StreamCache;
  private readonly inputKey: Buffer;
  private readonly deciders = new Map<DecideBinding['decider'], number>();
  private epoch = 0;

  constructor(private readonly options: CommandExecutorOptions) {
    this.cache = new StreamCache(options.capacity ?? 500);
    this.inputKey = deriveKey(options.secret, 'command-input');
  }

  async execute(binding: DecideBinding, asked: CommandCall): Promise<CommandResult | Rejection> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    if (tenantOfStream(stream) !== call.caller.tenant) {
      throw new Error(`${call.operation.name} names a stream outside its caller's tenant: ${stream}`);
    }
    const outcome = await this.queue.run(stream, () => this.attempt(binding, call, stream));
    if (!isRejection(outcome)) {
      const { context } = this.options;
      const command = { name: call.operation.name, input: call.input };
      await binding.afterwards(command, call.caller, context, this.injectedInto(binding));
    }
    return outcome;
  }

  /** Decides without appending: a rejection, null when accepted, 'repeat' when the command was accepted before. */
  rehearse(binding: DecideBinding, asked: CommandCall): Promise<Rejection | 'repeat' | null> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    return this.queue.run(stream, async () => {
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

  private injectedInto(binding: DecideBinding): object {
    return this.options.dependencies?.of(binding) ?? {};
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
      if (before) return repeatedAnswer(before, inputHmac);

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
    return reject(
      'platform.busy',
      'Too many changes to this record at the same time. Nothing was written. Try again in a moment.',
      {
        status: 503,
        details: { retryAfterSeconds: 1 },
      },
    );
  }

  private async load(binding: DecideBinding, stream: string): Promise<StreamState> {
    const epoch = this.options.epoch?.() ?? 0;
    if (this.epoch !== epoch) this.cache.clear();
    this.epoch = epoch;
    const key = this.cacheKey(binding, stream);
    const state = this.cache.get(key) ?? new StreamState(binding);
    // A failed read leaves the state of a prefix of the stream, which is consistent. A throwing fold may not.
    try {
      await rejectUnknownEvents(() => state.readTail(stream, this.options.store, this.options.catalogue));
    } catch (error) {
      this.cache.delete(key);
      throw error;
    }
    if ((this.options.epoch?.() ?? 0) === epoch) this.cache.set(key, state);
    return state;
  }

  /** The recorded answer to that command; null when the stream does not contain it. */
  private async repeatOf(state: StreamState, stream: string, commandId: string): Promise<RecordedAnswer | null> {
    for (const revision of state.commands.find(commandId)) {
      const written = await this.answerAt(stream, revision, commandId);
      if (written) return written;
    }
    return null;
  }

  /** The recorded answer, if the event at that revision was written by that command. */
  private async answerAt(stream: string, revision: number, commandId: string): Promise<RecordedAnswer | null> {
    const meta = (await this.eventAt(stream, revision))?.meta;
    if (meta?.commandId !== commandId) return null;
    // The answer is in the last event of a command.
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
          `This makes ${outcome.bytes} bytes of events; the limit for one command is ${outcome.limit}. Split it.`,
          { status: 413, details: { bytes: outcome.bytes, limit: outcome.limit } },
        );
      case 'appended': {
        // Another process wrote the same command first: its events count, and are folded on the next read.
        if (outcome.repeated) {
          const written = await this.answerAt(stream, outcome.revision, call.commandId);
          if (!written)
            throw new Error(`${stream} reports ${call.commandId} at ${outcome.revision} but does not contain it`);
          return repeatedAnswer(written, inputHmac);
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

  private metaOf(call: CommandCall, decision: Accepted, event: NewEvent, index: number, inputHmac: string): EventMeta {
    const declaration = this.options.catalogue.declaration(event.type);
    if (!declaration) throw new Error(`${call.operation.name} decided the undeclared event ${event.type}`);
    const record = declaration.record(event.data);
    const version = record.id === decision.id ? decision.version : (decision.others?.[record.id] ?? 1);
    const last = index === decision.events.length - 1;
    return eventMetaOf(call, {
      index,
      count: decision.events.length,
      inputHmac,
      record: { ...record, version },
      ...(last && record.id !== decision.id ? { answer: { id: decision.id, version: decision.version } } : {}),
    });
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

  /** Bindings of one decider share cached state, so a stream is read once for all its commands. */
  private cacheKey({ decider }: DecideBinding, stream: string): string {
    let id = this.deciders.get(decider);
    if (id === undefined) this.deciders.set(decider, (id = this.deciders.size));
    return `${id} ${stream}`;
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}

/** The id of the record that a command creates: the same on every repeat of the command. */
export const newIdOf = (commandId: string): string => nameId(commandId, 'record');

/**
 * The command with its stream. One idempotency key may be used on several streams, for different commands: a record that a
 * keyed command creates in a stream of other records (an entry in a ledger) gets an id derived from key and stream, as its
 * events do. A stream that is named after the new record needs no more than the id.
 */
function withStream(
  binding: DecideBinding,
  call: CommandCall,
  injected: object,
): { stream: string; call: CommandCall } {
  const stream = binding.stream(call.input, call.caller, call.newId, injected);
  const keyed = call.newId === newIdOf(call.commandId);
  if (!keyed || stream.endsWith(call.newId)) return { stream, call };
  return { stream, call: { ...call, newId: nameId(call.commandId, 'record', stream) } };
}

/** The answer to a command as recorded in its events. */
interface RecordedAnswer {
  readonly inputHmac: string;
  readonly result: CommandResult;
}

const repeatedAnswer = (written: RecordedAnswer, inputHmac: string): CommandResult | Rejection =>
  written.inputHmac === inputHmac
    ? written.result
    : reject(
        'platform.idempotency-key-reused',
        'This Idempotency-Key was used before with another input. Use a new key for a new command.',
        { status: 422 },
      );
