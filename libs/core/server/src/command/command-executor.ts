import type { EventToAppend } from '@daybook/event-store';
import {
  type Accepted,
  type Command,
  type CommandOperation,
  type CommandResult,
  type DecideContext,
  type Decision,
  eventIdOf,
  type EventMeta,
  isRejection,
  nameId,
  type NewEvent,
  type Operation,
  type PublishedState,
  type Rejection,
  streamName,
  tenantOfStream,
} from '@daybook/kernel';
import type { Caller, CustomFieldRegistry, DecideBinding, EventReader, OperationContext } from '../context.js';
import type { Dependencies } from '../dispatch/bindings.js';
import { canonicalJson, deriveKey, hmac } from '../crypto.js';
import type { FactReader, FactSources } from '../facts.js';
import { type DecidedOn, type HeldByCommand, Holds } from '../hold/holds.js';
import { type Patience, patience } from '../hold/other-holds.js';
import { Steps } from '../hold/steps.js';
import type { PersonalGranter } from '../hold/wants.js';
import { allRowsFor, personOf } from '../dispatch/rights.js';
import { customFieldsFor } from './custom-fields.js';
import { eventMetaOf } from './event-meta.js';
import { factReader } from './fact-reader.js';
import type { Decided, StreamCommand } from './group-decision.js';
import { SegregationOfDuties, type SegregationOptions } from './segregation-of-duties.js';
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

export interface CommandExecutorOptions extends StreamWriterOptions, SegregationOptions {
  readonly context: OperationContext;
  /** Where decision facts are read from; past events alone when left out. */
  readonly facts?: FactReader;
  /** Where custom fields are defined; records have none when left out. */
  readonly customFields?: CustomFieldRegistry | null;
  /** Where values of people are reserved, and under which key; only streams are used when left out. */
  readonly personal?: PersonalGranter;
  /** After which time a hold whose command appended nothing is settled by others. */
  readonly patience?: Patience;
  /** Hears of holds that could not be confirmed or released; they are settled later. */
  readonly onUnsettled?: (error: unknown) => void;
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
  private readonly holds: Holds;
  private readonly duties: SegregationOfDuties;

  constructor(private readonly options: CommandExecutorOptions) {
    this.writer = new StreamWriter(options);
    this.inputKey = deriveKey(options.secret, 'command-input');
    this.facts = options.facts ?? factReader(options.context);
    this.duties = new SegregationOfDuties(options);
    this.holds = new Holds({
      commands: this,
      steps: new Steps(options.store, options.catalogue),
      personal: options.personal ?? null,
      stateOf: ({ binding }, what, caller) =>
        this.writer.stateOf({ binding, stream: binding.stream(what, caller, '', this.injectedInto(binding)) }),
      facts: this.facts,
      now: () => this.now(),
      patience: options.patience ?? patience,
      onUnsettled: options.onUnsettled ?? (() => undefined),
    });
  }

  /** Drops the states of streams that are in memory: personal data that was erased may be in them. */
  forget(): void {
    this.writer.forget();
  }

  async execute(binding: DecideBinding, asked: CommandCall): Promise<CommandResult | Rejection> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    if (tenantOfStream(stream) !== call.caller.tenant) {
      throw new Error(`${call.operation.name} names a stream outside its caller's tenant: ${stream}`);
    }
    const { held, command } = this.commandOn(stream, binding, call, false);
    const outcome = await this.writer.run(command);
    if (outcome === null || outcome === 'repeat') throw new Error(`${call.operation.name} was only rehearsed`);
    await held.settle(outcome);
    if (!isRejection(outcome)) {
      const { context } = this.options;
      await binding.afterwards(commandOf(call), call.caller, context, this.injectedInto(binding));
    }
    return outcome;
  }

  /** Decides without appending: a rejection, null when accepted, 'repeat' when the command was accepted before. */
  async rehearse(binding: DecideBinding, asked: CommandCall): Promise<Rejection | 'repeat' | null> {
    const { stream, call } = withStream(binding, asked, this.injectedInto(binding));
    const outcome = await this.writer.run(this.commandOn(stream, binding, call, true).command);
    return outcome === 'repeat' || isRejection(outcome) ? outcome : null;
  }

  private commandOn(
    stream: string,
    binding: DecideBinding,
    call: CommandCall,
    isRehearsal: boolean,
  ): { held: HeldByCommand; command: StreamCommand } {
    const { caller, commandId, input } = call;
    const asked = { command: commandOf(call), input, caller };
    const held = this.holds.of(binding, stream, asked, commandId, this.injectedInto(binding));
    // A repeat would be given another number; a value that it has is its own already.
    const mayBeRepeat = binding.hasHolds(asked.command);
    const inputHmac = hmac(this.inputKey, canonicalJson(input)).toString('base64url');
    const command: StreamCommand = {
      binding,
      stream,
      commandId,
      inputHmac,
      beginsStream: (stream.endsWith(call.newId) && !mayBeRepeat) || binding.begins(input),
      isRehearsal,
      decide: (state, on) => this.decide(binding, call, { command, held }, state, on),
      onAppended: (before, state) => held.noteAppended(before, state),
    };
    return { held, command };
  }

  private injectedInto(binding: DecideBinding): object {
    return this.options.dependencies?.of(binding) ?? {};
  }

  private async decide(
    binding: DecideBinding,
    call: CommandCall,
    { command: { stream, inputHmac, isRehearsal }, held }: ReturnType<CommandExecutor['commandOn']>,
    state: unknown,
    on: DecidedOn,
  ): Promise<Decided> {
    const { input, caller } = call;
    const { customFields: registry } = this.options;
    const customFields = registry ? await customFieldsFor(call, registry, this.facts) : undefined;
    const context = { ...this.contextOf(call), ...(customFields && { customFields }) };
    const command = commandOf(call);
    const asking = { command, input, state, caller, now: context.now };
    const { reader, hasRead } = watched(this.facts, stream);
    const facts = await binding.facts(asking, reader, this.injectedInto(binding));
    if (isRejection(facts)) return { kind: 'answer', answer: facts, hasRead: hasRead() };
    const last: { decision: Decision | null } = { decision: null };
    const decideWith = (granted: object): Decision => {
      const all = Object.keys(granted).length === 0 ? facts : { ...(facts as object), ...granted };
      return (last.decision = binding.decider.decide(command, state, context, all));
    };
    const decided = isRehearsal
      ? await held.rehearse(asking, on, decideWith)
      : await held.decide(asking, on, decideWith);
    if (decided === 'later') return { kind: 'answer', answer: null, hasRead: true };
    if (decided && isRejection(decided)) return { kind: 'answer', answer: decided, hasRead: hasRead() };
    const accepted = last.decision as Accepted;
    const violation = await this.duties.violation({
      call,
      binding,
      stream,
      state,
      records: accepted.events.map((event) => this.declarationOf(call, event).record(event.data)),
      events: this.options.context.events,
    });
    const mustBeStored = violation !== undefined || hasRead();
    if (isRehearsal || violation) return { kind: 'answer', answer: violation ?? null, hasRead: mustBeStored };
    const { id, version, events } = accepted;
    if (events.length === 0) {
      if (!binding.mayChangeNothing) throw new Error(`${call.operation.name} was accepted without any event`);
      return { kind: 'unchanged', id, version, hasRead: mustBeStored };
    }
    const stored = await this.toStore(call, stream, accepted, inputHmac, held.names);
    return { kind: 'events', events, stored, id, version, hasRead: mustBeStored };
  }

  private declarationOf({ operation }: CommandCall, { type }: NewEvent) {
    const declaration = this.options.catalogue.declaration(type);
    if (!declaration) throw new Error(`${operation.name} decided the undeclared event ${type}`);
    return declaration;
  }

  private async toStore(
    call: CommandCall,
    stream: string,
    decision: Accepted,
    inputHmac: string,
    holds: readonly string[],
  ): Promise<EventToAppend[]> {
    const { catalogue } = this.options;
    const sealed = await catalogue.sealedHmac(inputHmac, decision.events, call.caller.tenant);
    return Promise.all(
      decision.events.map((event, index) =>
        catalogue.toStore(eventIdOf(call.commandId, stream, index), event, {
          ...this.metaOf(call, decision, event, index, sealed),
          ...(index === 0 && holds.length > 0 ? { holds } : {}),
        }),
      ),
    );
  }

  private metaOf(call: CommandCall, decision: Accepted, event: NewEvent, index: number, inputHmac: string): EventMeta {
    const declaration = this.declarationOf(call, event);
    const record = declaration.record(event.data);
    const version = record.id === decision.id ? decision.version : (decision.others?.[record.id] ?? 1);
    const last = index === decision.events.length - 1;
    return eventMetaOf(
      call,
      { declaration, data: event.data },
      {
        index,
        count: decision.events.length,
        inputHmac,
        record: { ...record, version },
        ...(last && record.id !== decision.id ? { answer: { id: decision.id, version: decision.version } } : {}),
      },
    );
  }

  private contextOf(call: CommandCall): DecideContext {
    return {
      now: this.now().toISOString(),
      tenant: call.caller.tenant,
      actor: call.caller.actor.id,
      person: personOf(call.caller),
      allRows: allRowsFor(call.caller),
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

const commandOf = ({ operation, input }: CommandCall): Command => ({ name: operation.name, input });

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

/** The reader of facts, and whether past events were read through it, or a state of the stream that is decided on. */
function watched(reader: FactReader, own: string): { reader: FactReader; hasRead: () => boolean } {
  let hasRead = false;
  const watch = <S extends FactSources>({ events, of, ...sources }: S, { tenant }: Caller) => ({
    ...sources,
    events: {
      ...events,
      stream: (...args: Parameters<EventReader['stream']>) => {
        hasRead = true;
        return events.stream(...args);
      },
    },
    of: <T>(published: PublishedState<T>, id?: string) => {
      hasRead ||= streamName(published.aggregate, tenant, id ?? tenant) === own;
      return of(published, id);
    },
  });
  return {
    reader: {
      binding: (caller) => watch(reader.binding(caller), caller),
      soft: (caller) => watch(reader.soft(caller), caller),
    },
    hasRead: () => hasRead,
  };
}
