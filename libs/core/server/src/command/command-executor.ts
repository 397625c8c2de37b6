import type { EventToAppend } from '@daybook/event-store';
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
  type Operation,
  type Rejection,
  tenantOfStream,
} from '@daybook/kernel';
import type { Caller, DecideBinding, OperationContext } from '../context.js';
import type { Dependencies } from '../dispatch/bindings.js';
import { canonicalJson, deriveKey, hmac } from '../crypto.js';
import type { FactReader, FactSources } from '../facts.js';
import { eventMetaOf } from './event-meta.js';
import { factReader } from './fact-reader.js';
import type { Decided, StreamCommand } from './group-decision.js';
import { StreamWriter, type StreamWriterOptions } from './stream-writer.js';

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

export interface CommandExecutorOptions extends StreamWriterOptions {
  readonly context: OperationContext;
  /** Where decision facts are read from; past events alone when left out. */
  readonly facts?: FactReader;
  /** What Nest injected for each binding. */
  readonly dependencies?: Pick<Dependencies, 'of'>;
  readonly secret: string;
  readonly now?: () => Date;
}

/**
 * Executes commands of `decide` bindings: names their stream, decides with their facts, and lets the stream's writer append what
 * they decided, in its turn. Optimistic concurrency by revision guards against other processes.
 */
export class CommandExecutor {
  private readonly writer: StreamWriter;
  private readonly inputKey: Buffer;
  private readonly facts: FactReader;

  constructor(private readonly options: CommandExecutorOptions) {
    this.writer = new StreamWriter(options);
    this.inputKey = deriveKey(options.secret, 'command-input');
    this.facts = options.facts ?? factReader(options.context);
  }

  async execute(binding: DecideBinding, asked: CommandCall): Promise<CommandResult | Rejection> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    if (tenantOfStream(stream) !== call.caller.tenant) {
      throw new Error(`${call.operation.name} names a stream outside its caller's tenant: ${stream}`);
    }
    const outcome = await this.writer.run(this.commandOn(stream, binding, call, false));
    if (outcome === null || outcome === 'repeat') throw new Error(`${call.operation.name} was only rehearsed`);
    if (!isRejection(outcome)) {
      const { context } = this.options;
      const command = { name: call.operation.name, input: call.input };
      await binding.afterwards(command, call.caller, context, this.injectedInto(binding));
    }
    return outcome;
  }

  /** Decides without appending: a rejection, null when accepted, 'repeat' when the command was accepted before. */
  async rehearse(binding: DecideBinding, asked: CommandCall): Promise<Rejection | 'repeat' | null> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    const outcome = await this.writer.run(this.commandOn(stream, binding, call, true));
    return outcome === 'repeat' || isRejection(outcome) ? outcome : null;
  }

  private commandOn(stream: string, binding: DecideBinding, call: CommandCall, isRehearsal: boolean): StreamCommand {
    const inputHmac = hmac(this.inputKey, canonicalJson(call.input)).toString('base64url');
    return {
      binding,
      stream,
      commandId: call.commandId,
      inputHmac,
      beginsStream: stream.endsWith(call.newId),
      isRehearsal,
      decide: (state) => this.decide(binding, call, { stream, inputHmac, isRehearsal }, state),
    };
  }

  private injectedInto(binding: DecideBinding): object {
    return this.options.dependencies?.of(binding) ?? {};
  }

  private async decide(
    binding: DecideBinding,
    call: CommandCall,
    { stream, inputHmac, isRehearsal }: Pick<StreamCommand, 'stream' | 'inputHmac' | 'isRehearsal'>,
    state: unknown,
  ): Promise<Decided> {
    const { input, caller } = call;
    const command = { name: call.operation.name, input };
    const { reader, hasRead } = watched(this.facts);
    const facts = await binding.facts({ command, input, state, caller }, reader, this.injectedInto(binding));
    if (isRejection(facts)) return { kind: 'answer', answer: facts, hasRead: hasRead() };
    const decision = binding.decider.decide(command, state, this.contextOf(call), facts);
    if (isRejection(decision)) return { kind: 'answer', answer: decision, hasRead: hasRead() };
    if (isRehearsal) return { kind: 'answer', answer: null, hasRead: hasRead() };
    const { id, version, events } = decision;
    if (events.length === 0) {
      if (!binding.mayChangeNothing) throw new Error(`${call.operation.name} was accepted without any event`);
      return { kind: 'unchanged', id, version, hasRead: hasRead() };
    }
    const stored = await this.toStore(call, stream, decision, inputHmac);
    return { kind: 'events', events, stored, id, version, hasRead: hasRead() };
  }

  private async toStore(
    call: CommandCall,
    stream: string,
    decision: Accepted,
    inputHmac: string,
  ): Promise<EventToAppend[]> {
    const { catalogue } = this.options;
    const sealed = await catalogue.sealedHmac(inputHmac, decision.events, call.caller.tenant);
    return Promise.all(
      decision.events.map((event, index) =>
        catalogue.toStore(
          eventIdOf(call.commandId, stream, index),
          event,
          this.metaOf(call, decision, event, index, sealed),
        ),
      ),
    );
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
      person: [call.caller.onBehalfOf, call.caller.actor].find((one) => one?.kind === 'person')?.id ?? null,
      commandId: call.commandId,
      newId: call.newId,
      expectedVersion: call.expectedVersion,
      reason: call.caller.reason,
    };
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}

/** The id of the record that a command creates: the same on every repeat of the command. */
export const newIdOf = (commandId: string): string => nameId(commandId, 'record');

/** The command id of a step: derived from operation and item, never from its order, which may differ in a retry. */
export const stepIdOf = (commandId: string, { name }: Pick<Operation, 'name'>, item = ''): string =>
  nameId(commandId, name, item);

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

/** The reader of facts, and whether past events were read through it. */
function watched(reader: FactReader): { reader: FactReader; hasRead: () => boolean } {
  let hasRead = false;
  const watch = <S extends FactSources>(sources: S): S =>
    Object.defineProperty(Object.create(sources) as S, 'events', {
      get: () => {
        hasRead = true;
        return sources.events;
      },
    });
  return {
    reader: { binding: (caller) => watch(reader.binding(caller)), soft: (caller) => watch(reader.soft(caller)) },
    hasRead: () => hasRead,
  };
}
