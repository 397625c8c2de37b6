import type { Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import {
  type CallOf,
  type CommandOperation,
  type CommandResult,
  isRejection,
  type Operation,
  type Rejection,
  type Stamp,
} from '@daybook/kernel';
import { noKnownAt, type ReadContext } from '@daybook/projections';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { asRejection } from '../as-rejection.js';
import { CommandExecutor, newIdOf, stepIdOf } from '../command/command-executor.js';
import {
  type AnswerBinding,
  ApprovalGate,
  type Caller,
  type DecideBinding,
  type EventReader,
  type OperationContext,
  type PerformBinding,
  type PerformContext,
  type QueryContext,
} from '../context.js';
import { ReadableFiles } from '../files/readable-files.js';
import { EVENT_READER, FILES, JOBS, READS } from '../nest/tokens.js';
import { AnswerTag } from '../query/answer-tag.js';
import { Cursors, eachPage, everyPage, type QueryScope, queryContextOf, usesMore } from '../query/query-context.js';
import { type Reads, waitFor } from '../query/reads.js';
import { type Binding, Bindings, Dependencies } from './bindings.js';
import { enhancersByOrigin, misusedHeaders, runs } from './enhancers.js';
import { type Call, messageOf, type OperationMessage, originOf, type Trusted } from './message.js';
import { admit } from './operation.guard.js';
import type { Answered } from './request.js';
import { restrict } from './restrict.js';
import { allRowsOf, companiesOf, letIn, partiesOf } from './rights.js';
import { validate } from './validate.js';

const answered = (value: unknown): Answered | Rejection => (isRejection(value) ? value : { kind: 'answered', value });

/** What a call would be answered: it waits for approval, is accepted, or is known only once it runs, since no decider decides it. */
export type Rehearsed = 'waits' | 'accepted' | 'unchecked';

/** Runs the binding of an operation, after guard, interceptors and pipe. */
@Injectable()
export class OperationRunner {
  private readonly operationContext: OperationContext;

  constructor(
    @Inject(Bindings) private readonly bindings: Bindings,
    @Inject(Dependencies) private readonly dependencies: Dependencies,
    @Inject(CommandExecutor) private readonly commands: CommandExecutor,
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(READS) private readonly reads: Reads,
    @Inject(Cursors) private readonly cursors: Cursors,
    @Inject(ReadableFiles) private readonly readable: ReadableFiles,
    @Inject(EVENT_READER) events: EventReader,
    @Inject(FILES) files: Files,
    @Inject(JOBS) jobs: Jobs,
    @Optional() @Inject(ApprovalGate) private readonly gate: ApprovalGate | null = null,
  ) {
    this.operationContext = { events, files, jobs };
  }

  async run(
    binding: Binding,
    message: OperationMessage,
    input: Record<string, unknown>,
  ): Promise<Answered | Rejection> {
    const { operation } = message;
    const call = callOf(message, input);
    if (operation.kind === 'query') return this.ask(binding, call);
    if (binding.kind === 'answer') throw new Error(`${operation.name} is a command bound to an answer`);
    const held = runs('approval', message) ? await this.askGate(operation, operation, call) : null;
    if (held !== null) return isRejection(held) ? held : { kind: 'answered', value: held, held: true };
    if (binding.kind === 'perform') return answered(await this.perform(binding, call));
    const { expectedVersion } = call.request;
    return answered(await this.commands.execute(binding, { ...call, operation, expectedVersion }));
  }

  /** Executes a step of a command, or a command of a job or a process, over the bus in the name of the given caller. */
  async execute(operation: CommandOperation, raw: unknown, request: Call['request'], trusted: Trusted) {
    const Message = messageOf(operation);
    // The version pinned with the outer request does not apply to this command.
    const inner = { ...request, expectedVersion: trusted.expectedVersion, idempotencyKey: null };
    const answer = await this.bus.execute(new Message(raw, inner, trusted));
    return isRejection(answer) ? answer : (answer.value as CommandResult);
  }

  /** What a call from outside would be answered, without doing it. */
  async rehearseCall(
    operation: CommandOperation,
    raw: unknown,
    request: Call['request'],
    commandId: string,
  ): Promise<Rejection | Rehearsed> {
    const admitted = admit({ operation, raw }, await request.access());
    if (isRejection(admitted)) return admitted;
    const valid = misusedHeaders(operation, request) ?? validate(operation, raw);
    if (isRejection(valid)) return valid;
    const message = new (messageOf(operation))(raw, request);
    const call = callOf({ ...message, admitted, ids: { commandId, newId: newIdOf(commandId) } }, valid.input);
    const held = await this.askGate(operation, operation, call, false);
    if (held !== null) return isRejection(held) ? held : 'waits';
    const binding = this.bindings.of(operation);
    if (binding.kind !== 'decide') return 'unchecked';
    const { expectedVersion } = request;
    const rehearsed = await this.rehearsed(binding, { ...call, operation, expectedVersion });
    return isRejection(rehearsed) ? rehearsed : 'accepted';
  }

  private async ask(binding: Binding, call: Call): Promise<Answered | Rejection> {
    if (binding.kind === 'decide') throw new Error('A query is bound to a decider');
    const { knownAt, minPosition } = call.request;
    if (binding.kind === 'perform' && knownAt !== null) return noKnownAt;
    const behind =
      minPosition === null ? null : await waitFor(this.reads, minPosition, { signal: call.request.signal });
    if (behind) return behind;
    if (binding.kind === 'answer') return this.answer(binding, call);
    const perform = (input: Record<string, unknown>) => this.perform(binding, { ...call, input });
    return answered(await (pagesOf(binding.operation, call, perform, null) ?? perform(call.input)));
  }

  private answer(binding: AnswerBinding, call: Call): Promise<Answered | Rejection> {
    const { operation } = binding;
    const { request, caller, input } = call;
    const { knownAt, representation, allRows = false } = request;
    const injected = this.dependencies.of(binding);
    const answer = async (plain: ReadContext): Promise<Answered | Rejection> => {
      const tag = representation ? AnswerTag.of({ operation, input, caller, allRows, representation }, plain) : null;
      const unchanged = tag?.unchanged ?? null;
      if (unchanged) return unchanged;
      if (usesMore(binding)) tag?.outside();
      const more = { admitted: request.access, ...(tag && { outside: tag.outside }) };
      const context = this.queryContext(tag?.watched() ?? plain, caller, operation.name, knownAt, more);
      const page = (one: Record<string, unknown>) => binding.handler(one, context, injected);
      const made = answered(await (pagesOf(operation, call, page, plain.stamp) ?? page(input)));
      return tag && !isRejection(made) ? tag.on(made) : made;
    };
    return this.reads.read(caller.tenant, knownAt, answer, request.signal);
  }

  private queryContext(
    read: ReadContext,
    caller: Caller,
    operation: string,
    knownAt: string | null,
    more: Pick<QueryScope, 'admitted' | 'outside'> = {},
  ): QueryContext {
    const { operationContext: context, cursors, bindings, dependencies } = this;
    return queryContextOf(read, { context, cursors, bindings, dependencies, caller, operation, knownAt, ...more });
  }

  private perform(binding: PerformBinding, call: Call): Promise<unknown> {
    return binding.handler(call.input, this.context(binding.operation, call), this.dependencies.of(binding));
  }

  /** Decides a command in the name of the given caller without appending; null also for commands without a decider. */
  private async rehearse(operation: CommandOperation, raw: unknown, trusted: Trusted) {
    const valid = validate(operation, raw);
    if (isRejection(valid)) return valid;
    const binding = this.bindings.of(operation);
    if (binding.kind !== 'decide') return null;
    const { caller, commandId, causationId, expectedVersion } = trusted;
    const newId = newIdOf(commandId);
    return this.rehearsed(binding, {
      operation,
      input: valid.input,
      caller,
      commandId,
      causationId,
      expectedVersion,
      newId,
    });
  }

  private rehearsed(binding: DecideBinding, call: Parameters<CommandExecutor['rehearse']>[1]) {
    return this.commands.rehearse(binding, call).catch(asRejection);
  }

  /**
   * Asks the approval gate whether a command must wait; null lets it run. `ruled` is the command that approval rules name;
   * one of its steps may wait in its place. With `submits` false nothing is submitted: it only answers that it would be.
   */
  private async askGate(
    operation: CommandOperation,
    ruled: CommandOperation,
    call: Call,
    submits = true,
  ): Promise<CommandResult | Rejection | null> {
    if (this.gate === null || operation.approvable === null || operation.approvable.step) return null;
    const { expectedVersion } = call.request;
    const binding = this.bindings.of(operation);
    const rehearse = async () =>
      binding.kind === 'decide' ? this.rehearsed(binding, { ...call, operation, expectedVersion }) : null;
    const asked = { operation, ruledAs: ruled.name, input: call.input, expectedVersion, rehearse };
    const roles = call.caller.roles ?? [];
    const context = this.context(operation, call);
    // In a rehearsal nothing is submitted.
    const asking = submits ? context : { ...context, execute: async () => ({ id: '', version: 0, position: '0' }) };
    return this.gate.ask({ ...asked, roles }, asking).catch(asRejection);
  }

  /** Asks the approval gate for a step that waits in place of its command. */
  private async heldStep(performed: Operation, operation: CommandOperation, raw: unknown, step: Trusted, call: Call) {
    if (!enhancersByOrigin.approval[call.origin]) return null;
    if (performed.kind !== 'command' || performed.approvable?.step !== operation.name) return null;
    const valid = validate(operation, raw);
    if (isRejection(valid)) return valid;
    const request = { ...call.request, expectedVersion: null };
    const newId = newIdOf(step.commandId);
    return this.askGate(operation, performed, { ...step, request, input: valid.input, newId });
  }

  private context(performed: Operation, call: Call): PerformContext {
    const { request } = call;
    // A command that has begun is carried to its end.
    const signal = performed.kind === 'query' ? request.signal : undefined;
    const step = (commandId: string, caller = call.caller, expectedVersion: number | null = null): Trusted => ({
      origin: 'step',
      caller,
      commandId,
      causationId: call.commandId,
      expectedVersion,
    });
    return {
      ...this.operationContext,
      caller: call.caller,
      commandId: call.commandId,
      newId: call.newId,
      expectedVersion: request.expectedVersion,
      revisionOf: (stream) => call.revisions?.get(stream) ?? null,
      execute: async <O extends CommandOperation>(operation: O, input: CallOf<O>, item = '') => {
        const trusted = step(stepIdOf(call.commandId, operation, item));
        const held = await this.heldStep(performed, operation, input, trusted, call);
        return held ?? this.execute(operation, input, request, trusted);
      },
      executeAs: (caller, operation, input, { commandId, expectedVersion }) =>
        this.execute(operation, input, request, step(commandId, caller, expectedVersion)),
      rehearseAs: (caller, operation, input, { commandId, expectedVersion }) =>
        this.rehearse(operation, input, step(commandId, caller, expectedVersion)),
      operation: (name) => this.bindings.named(name),
      client: { userAgent: request.userAgent },
      mayAsk: async (operation, input) => {
        const admitted = admit({ operation, raw: input }, await request.access());
        const valid = isRejection(admitted) ? admitted : validate(operation, input);
        return isRejection(valid) ? valid : null;
      },
      mayRun: async (operation, input) => {
        const admitted = admit({ operation, raw: input }, await request.access());
        return isRejection(admitted) ? admitted : null;
      },
      readableFile: (sha256) => this.readable.by(call, sha256),
      read: (work) =>
        this.reads.read(
          call.caller.tenant,
          null,
          (read) => work(this.queryContext(read, call.caller, performed.name, null)),
          signal,
        ),
      setCookie: (name, value, options) => request.setCookie({ name, value, ...options }),
      cookies: request.cookies,
    };
  }
}

/** All pages of a list, where the request asks for them: together, or one by one. */
function pagesOf(
  { rows, output }: Operation & { rows?: string | null },
  { request: { allRows, eachPage: take }, caller, input }: Call,
  page: (input: Record<string, unknown>) => Promise<unknown>,
  stamp: Stamp | null,
): Promise<unknown> | null {
  if (!rows) return null;
  if (!take) return allRows === true ? everyPage(rows, input, page) : null;
  return eachPage(rows, input, page, (items) => {
    const shown = restrict(output, { [rows]: items }, caller.fields ?? {}) as Record<string, never>;
    return take(shown[rows]!, stamp);
  });
}

/** From the results of guard and interceptors, or from the trusted command itself. */
function callOf(message: OperationMessage, input: Record<string, unknown>): Call {
  const { operation, request, trusted, admitted, ids } = message;
  if (trusted) {
    const { caller, commandId, causationId } = trusted;
    return {
      input,
      caller,
      causationId,
      request,
      origin: trusted.origin,
      ...(ids ?? { commandId, newId: newIdOf(commandId) }),
    };
  }
  if (admitted === null || ids === null) throw new Error(`${operation.name} bypassed its guard`);
  const { access, granting, rules } = admitted;
  const caller: Caller = {
    tenant: access.tenant,
    actor: access.actor,
    onBehalfOf: access.onBehalfOf,
    sessionId: access.sessionId,
    authenticatedAt: access.authenticatedAt,
    companies: companiesOf(granting),
    parties: partiesOf(granting),
    allRows: allRowsOf(access.grants, operation.scope === 'company' ? input['companyId'] : undefined),
    fields: rules,
    incompatible: access.incompatible,
    peers: access.peers ?? [],
    roles: [...new Set(granting.map(({ role }) => role))],
    channel: request.channel,
    address: request.address,
    correlationId: request.traceId,
    reason: request.reason,
  };
  const { revisions } = access;
  return {
    input,
    caller: letIn(caller, access),
    ...ids,
    causationId: null,
    request,
    origin: originOf(message),
    revisions,
  };
}
