import { randomUUID } from 'node:crypto';
import {
  commandIdOf,
  isRejection,
  newId,
  type Operation,
  plainTextOrNone,
  reject,
  type Rejection,
} from '@daybook/kernel';
import type { CommandBus, QueryBus } from '@nestjs/cqrs';
import { newIdOf } from '../command/command-handler.js';
import type { Caller } from '../context.js';
import { type Access, anonymous } from './access.js';
import { type Answered, Dispatcher } from './dispatcher.js';
import { askGate, type Core } from './handlers.js';
import { anonymousLimit, networkOf, type RateLimits, signedInLimit } from './limits.js';
import { Ask, type Call, Execute } from './messages.js';
import type { OperationRequest } from './request.js';
import { restrict, restrictedInput } from './restrict.js';
import {
  closedToSupport,
  companiesOf,
  fieldRules,
  forbidden,
  grantsFor,
  partiesOf,
  recentlyConfirmed,
} from './rights.js';
import { unavailableRejection } from '../unavailable.js';
import { isReadable, validate } from './validate.js';

/** What dispatching tells the metrics and the log. */
export interface Observer {
  done(operation: Operation, request: OperationRequest, outcome: 'ok' | number, seconds: number): void;
  failed(operation: Operation, request: OperationRequest, error: unknown): void;
}

/** The implementation of the one door: rights, limits, input, ids; then Nest's buses. */
export class OperationDispatcher extends Dispatcher {
  readonly operations: readonly Operation[];

  constructor(
    private readonly core: Core,
    private readonly commandBus: CommandBus,
    private readonly queryBus: QueryBus,
    private readonly observer: Observer,
    private readonly limits: RateLimits,
    /** Checks answers against their declared schema; off in production. */
    private readonly checkAnswers: boolean,
  ) {
    super();
    this.operations = core.bindings.operations;
  }

  async run(operation: Operation, rawInput: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      const inDoubt = this.core.passed();
      if (inDoubt) await inDoubt;
      const answer = await this.dispatch(operation, rawInput, request);
      this.observer.done(operation, request, isRejection(answer) ? answer.status : 'ok', seconds());
      return answer;
    } catch (error) {
      const unavailable = unavailableRejection(error);
      if (unavailable) {
        this.observer.done(operation, request, unavailable.status, seconds());
        return unavailable;
      }
      this.observer.failed(operation, request, error);
      this.observer.done(operation, request, 500, seconds());
      throw error;
    }
  }

  /**
   * A read begins with the rights of a moment ago while the store is asked whether they are still those of now; it is
   * answered when they are, and done again when they are not. Whatever does more than read waits.
   */
  private async dispatch(operation: Operation, raw: unknown, request: OperationRequest): Promise<Answered | Rejection> {
    const ahead = this.onlyReads(operation) ? ((await request.ahead?.()) ?? null) : null;
    if (ahead === null) return this.dispatchAs(await request.access(), operation, raw, request);
    const reading = this.dispatchAs(ahead, operation, raw, request).then(
      (answer) => () => answer,
      (error: unknown) => () => {
        throw error;
      },
    );
    const access = await request.access();
    const same = !isRejection(access) && access.grants === ahead.grants && access.conflicts === ahead.conflicts;
    return same ? (await reading)() : this.dispatchAs(access, operation, raw, request);
  }

  private onlyReads(operation: Operation): boolean {
    return !operation.sensitive && this.core.bindings.of(operation).kind === 'answer';
  }

  private async dispatchAs(
    asked: Access | Rejection,
    operation: Operation,
    raw: unknown,
    request: OperationRequest,
  ): Promise<Answered | Rejection> {
    const access = this.admit(operation.permission, asked, request, operation);
    if (isRejection(access)) return access;
    const valid = validate(operation, raw);
    if (isRejection(valid)) return valid;
    const granting = grantsFor(operation, valid.input, access);
    if (isRejection(granting)) return granting;
    const rules = operation.permission === null ? {} : fieldRules(granting);
    const unfit =
      misusedHeaders(operation, request) ??
      recentlyConfirmed(operation, access) ??
      (operation.kind === 'query' ? restrictedInput(operation.input, valid.input, rules) : null);
    if (unfit) return unfit;

    const key = request.idempotencyKey;
    const commandId = key === null ? randomUUID() : commandIdOf(access.tenant, access.actor.id, operation.name, key);
    const caller: Caller = {
      tenant: access.tenant,
      actor: access.actor,
      onBehalfOf: access.onBehalfOf,
      sessionId: access.sessionId,
      authenticatedAt: access.authenticatedAt,
      companies: companiesOf(granting),
      parties: partiesOf(granting),
      fields: rules,
      conflicting: access.conflicts.get(operation.permission ?? '') ?? [],
      peers: access.peers ?? [],
      roles: [...new Set(granting.map(({ role }) => role))],
      channel: request.channel,
      address: request.address,
      correlationId: request.traceId,
      reason: request.reason,
    };
    const call: Call = {
      input: valid.input,
      caller,
      commandId,
      newId: key === null ? newId() : newIdOf(commandId),
      causationId: null,
      request,
    };
    const held = operation.kind === 'command' ? await askGate(this.core, operation, operation, call) : null;
    if (held !== null) return isRejection(held) ? held : { kind: 'answered', value: held };
    const answer = await this.send(operation, call);
    if (this.checkAnswers && !isRejection(answer)) {
      const checked = operation.output.safeParse(answer.value);
      if (!checked.success) {
        throw new Error(`${operation.name} answers what its declaration does not: ${checked.error.message}`);
      }
    }
    return isRejection(answer) ? answer : { ...answer, value: restrict(operation.output, answer.value, rules) };
  }

  async authorise(
    permission: string | null,
    request: OperationRequest,
    of: { readonly support: boolean; readonly title: string },
  ): Promise<Access | Rejection> {
    const passed = async () => {
      await this.core.passed();
      return request.access();
    };
    const access = await passed().catch((error: unknown) => {
      const unavailable = unavailableRejection(error);
      if (!unavailable) throw error;
      return unavailable;
    });
    if (isRejection(access)) return access;
    return this.admit(permission, access, request, of);
  }

  private admit(
    permission: string | null,
    access: Access | Rejection,
    request: OperationRequest,
    of: { readonly support: boolean; readonly title: string },
  ): Access | Rejection {
    const known = isRejection(access) ? null : access;
    const limited = this.limits.take(
      known ? `${known.tenant} ${known.actor.id}` : `address ${networkOf(request.address)}`,
      known ? signedInLimit : anonymousLimit,
    );
    if (limited) return limited;
    if (permission === null) return request.malformed ?? known ?? anonymous;
    if (isRejection(access)) return access;
    if (!access.grants.some(({ permissions }) => permissions.has(permission))) return forbidden(permission);
    return closedToSupport(of, access) ?? request.malformed ?? access;
  }

  private send(operation: Operation, call: Call): Promise<Answered | Rejection> {
    const binding = this.core.bindings.of(operation);
    if (binding.kind === 'answer' || operation.kind === 'query') {
      if (binding.kind === 'decide') throw new Error(`${operation.name} is a query bound to a decider`);
      return this.queryBus.execute(new Ask(binding, operation, call));
    }
    return this.commandBus.execute(new Execute(binding, operation, call));
  }
}

const longestReason = 500;
const reasonText = plainTextOrNone(longestReason);

/** A reason that comes beside the input is read in the trail like one that is part of it, and held to the same rules. */
function wrongReason(reason: string): string | null {
  if (reason.length > longestReason) return `A reason takes at most ${longestReason} characters.`;
  if (!isReadable(reason)) return 'A reason takes text that can be kept: no NUL, and no half of a surrogate pair.';
  return reasonText.safeParse(reason).error?.issues[0]?.message ?? null;
}

/** Conditions a caller believes to be held must not be ignored silently. */
function misusedHeaders(operation: Operation, request: OperationRequest): Rejection | null {
  if (operation.kind === 'query') return null;
  const reason = request.reason === null ? null : wrongReason(request.reason);
  if (reason !== null) return reject('platform.reason-invalid', reason, { status: 400 });
  if (request.idempotencyKey !== null && !operation.keyed) {
    return reject('platform.key-not-taken', `${operation.title} takes no Idempotency-Key.`, { status: 400 });
  }
  if (request.expectedVersion !== null && operation.ifMatch === 'none') {
    return reject('platform.version-not-taken', `${operation.title} takes no If-Match.`, { status: 400 });
  }
  if (request.expectedVersion === null && operation.ifMatch === 'required') {
    return reject(
      'platform.version-required',
      `${operation.title} needs If-Match with the version you have seen, so that nobody's change is overwritten.`,
      { status: 428 },
    );
  }
  return null;
}
