import {
  type CallOf,
  type CommandOperation,
  type CommandResult,
  isRejection,
  nameId,
  type Operation,
  reject,
  type Rejection,
  RejectionError,
} from '@daybook/kernel';
import { Inject } from '@nestjs/common';
import { CommandHandler as HandlesCommand, type ICommandHandler, type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import type { CommandHandler } from '../command/command-handler.js';
import { newIdOf } from '../command/command-handler.js';
import type { AnswerBinding, Caller, Parts, PerformBinding, PerformContext, QueryContext } from '../context.js';
import { readableBy } from '../files/readable-files.js';
import type { Cursors } from '../query/cursor.js';
import { everyPage } from '../query/every-page.js';
import { queryContextOf } from '../query/query-context.js';
import { type Reads, waitFor } from '../query/reads.js';
import type { Bindings } from './bindings.js';
import type { Answered } from './dispatcher.js';
import { Ask, type Call, Execute } from './messages.js';
import { validate } from './validate.js';

/** What the handlers of all operations stand on. */
export interface Core {
  readonly bindings: Bindings;
  readonly commands: CommandHandler;
  readonly parts: Parts;
  readonly reads: Reads;
  readonly cursors: Cursors;
  /** null: the log is the one that the read models were made from. Else wait for it before anything is read or done. */
  readonly passed: () => Promise<void> | null;
}
/** Nest's token of `Core`. */
export const CORE = Symbol('Core');

const answered = (value: unknown): Answered | Rejection => (isRejection(value) ? value : { kind: 'answered', value });

/** Rejections thrown out of asynchronous code are values again here; anything else stays a bug. */
export async function caught<T>(work: () => Promise<T>): Promise<T | Rejection> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RejectionError) return error.rejection;
    throw error;
  }
}

/** Executes one command in a known caller's name, without asking for his rights again: parts of a command, and jobs. */
export async function executeTrusted(
  core: Core,
  operation: CommandOperation,
  raw: unknown,
  call: Pick<Call, 'caller' | 'commandId' | 'causationId' | 'request'>,
  expectedVersion: number | null = null,
): Promise<CommandResult | Rejection> {
  const valid = validate(operation, raw);
  if (isRejection(valid)) return valid;
  const binding = core.bindings.of(operation);
  // The version that was pinned for the request around it is none of this command's.
  const request = { ...call.request, expectedVersion };
  const inner: Call = { ...call, request, input: valid.input, newId: newIdOf(call.commandId) };
  if (binding.kind === 'decide') {
    return caught(() => core.commands.handle(binding, { ...inner, operation, expectedVersion }));
  }
  if (binding.kind === 'answer') throw new Error(`${operation.name} is bound to an answer`);
  return caught(async () => (await performWith(core, binding, inner)) as CommandResult | Rejection);
}

/** The id of a step of a command: named by what it is for, never by its order, which a retry may find changed. */
export const stepIdOf = (commandId: string, { name }: Pick<Operation, 'name'>, item = ''): string =>
  nameId(commandId, name, item);

/** Decides one command in a known caller's name without appending anything; null also where no decision tells. */
async function rehearseTrusted(
  core: Core,
  operation: CommandOperation,
  raw: unknown,
  call: Pick<Call, 'caller' | 'commandId' | 'causationId'>,
  expectedVersion: number | null,
): Promise<Rejection | 'repeat' | null> {
  const valid = validate(operation, raw);
  if (isRejection(valid)) return valid;
  const binding = core.bindings.of(operation);
  if (binding.kind !== 'decide') return null;
  const { input } = valid;
  const inner = { ...call, operation, input, expectedVersion, newId: newIdOf(call.commandId) };
  return caught(() => core.commands.rehearse(binding, inner));
}

/**
 * Asks whether a command must wait for a second person; null lets it run. `ruled` is the command that rules name; a step of
 * it waits in its place where it says so.
 */
export async function askGate(
  core: Core,
  operation: CommandOperation,
  ruled: CommandOperation,
  call: Call,
): Promise<CommandResult | Rejection | null> {
  const { gate } = core.bindings;
  if (gate === null || operation.approvable === null || operation.approvable.step) return null;
  const { expectedVersion } = call.request;
  const binding = core.bindings.of(operation);
  const rehearse = async () =>
    binding.kind === 'decide' ? core.commands.rehearse(binding, { ...call, operation, expectedVersion }) : null;
  const asked = { operation, ruledAs: ruled.name, input: call.input, expectedVersion, rehearse };
  const roles = call.caller.roles ?? [];
  return caught(() => gate({ ...asked, roles }, performContext(core, operation, call)));
}

/** The step that is held in place of the command it is one of, where a rule of the tenant asks for it. */
async function heldStep(
  core: Core,
  performed: Operation,
  operation: CommandOperation,
  raw: unknown,
  call: Pick<Call, 'caller' | 'commandId' | 'causationId' | 'request'>,
): Promise<CommandResult | Rejection | null> {
  if (performed.kind !== 'command' || performed.approvable?.step?.() !== operation) return null;
  const valid = validate(operation, raw);
  if (isRejection(valid)) return valid;
  const request = { ...call.request, expectedVersion: null };
  return askGate(core, operation, performed, { ...call, request, input: valid.input, newId: newIdOf(call.commandId) });
}

const performWith = (core: Core, binding: PerformBinding, call: Call): Promise<unknown> =>
  binding.perform(call.input as never, performContext(core, binding.operation, call));

function performContext(core: Core, performed: Operation, call: Call): PerformContext {
  return {
    ...core.parts,
    caller: call.caller,
    commandId: call.commandId,
    newId: call.newId,
    expectedVersion: call.request.expectedVersion,
    execute: async <O extends CommandOperation>(operation: O, input: CallOf<O>, item = '') => {
      const step = {
        caller: call.caller,
        commandId: stepIdOf(call.commandId, operation, item),
        causationId: call.commandId,
        request: call.request,
      };
      const held = await heldStep(core, performed, operation, input, step);
      return held ?? executeTrusted(core, operation, input, step);
    },
    executeAs: (caller, operation, input, { commandId, expectedVersion }) =>
      executeTrusted(
        core,
        operation,
        input,
        { caller, commandId, causationId: call.commandId, request: call.request },
        expectedVersion,
      ),
    rehearseAs: (caller, operation, input, { commandId, expectedVersion }) =>
      rehearseTrusted(core, operation, input, { caller, commandId, causationId: call.commandId }, expectedVersion),
    operation: (name) => core.bindings.named(name),
    client: { userAgent: call.request.userAgent },
    readableFile: (sha256) => readableBy(core, call.caller.tenant, call.request, sha256),
    read: (work) => readNow(core, call.caller, performed.name, work),
    setCookie: (name, value, options) => call.request.setCookie({ name, value, ...options }),
    cookies: call.request.cookies,
  };
}

const readNow = <T>(core: Core, caller: Caller, operation: string, work: (read: QueryContext) => Promise<T>) =>
  core.reads.read(caller.tenant, null, (read) =>
    work(queryContextOf(read, { ...core, caller, operation, knownAt: null })),
  );

const waited = (core: Core, { request }: Call): Promise<Rejection | null> =>
  request.minPosition === null ? Promise.resolve(null) : waitFor(core.reads, request.minPosition);

async function ask(core: Core, binding: AnswerBinding, call: Call): Promise<unknown> {
  const { request, caller } = call;
  return core.reads.read(caller.tenant, request.knownAt, (read) => {
    const context = queryContextOf(read, {
      ...core,
      caller,
      operation: binding.operation.name,
      knownAt: request.knownAt,
    });
    return request.allRows === true && binding.operation.rows !== null
      ? everyPage(binding.operation.rows, call.input, (input) => binding.answer(input as never, context))
      : binding.answer(call.input as never, context);
  });
}

/** The handler of `Execute` on Nest's command bus. */
@HandlesCommand(Execute)
export class ExecuteHandler implements ICommandHandler<Execute> {
  constructor(@Inject(CORE) private readonly core: Core) {}

  execute({ binding, operation, call }: Execute): Promise<Answered | Rejection> {
    return caught(async () => {
      if (binding.kind === 'perform') return answered(await performWith(this.core, binding, call));
      if (operation.kind !== 'command') throw new Error(`${operation.name} is a query bound to a decider`);
      const expectedVersion = call.request.expectedVersion;
      return answered(await this.core.commands.handle(binding, { ...call, operation, expectedVersion }));
    });
  }
}

const noPast = reject('platform.known-at-refused', 'This is answered as it is now. Leave `known-at` out.', {
  status: 400,
});

/** The handler of `Ask` on Nest's query bus. */
@QueryHandler(Ask)
export class AskHandler implements IQueryHandler<Ask> {
  constructor(@Inject(CORE) private readonly core: Core) {}

  execute({ binding, call }: Ask): Promise<Answered | Rejection> {
    return caught(async () => {
      if (binding.kind === 'perform' && call.request.knownAt !== null) return noPast;
      const behind = await waited(this.core, call);
      if (behind) return behind;
      return answered(
        binding.kind === 'answer' ? await ask(this.core, binding, call) : await performWith(this.core, binding, call),
      );
    });
  }
}
