import type { FileInfo, Files } from '@daybook/files';
import type { Jobs } from '@daybook/jobs';
import type {
  Actor,
  CallOf,
  Channel,
  Command,
  CommandOperation,
  CommandResult,
  Decider,
  EventDeclaration,
  FieldRule,
  InputOf,
  NewEvent,
  Operation,
  OutputOf,
  Party,
  QueryOperation,
  RecordedEvent,
  Rejection,
} from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import type { Injected, Injections } from './nest/tokens.js';

/*
 * How a context binds its declarations to code. `<context>.module.ts` makes one `Context` of the bindings, and of that the
 * Nest module of the context (`contextModule`), with a handler per operation. No handler sees Nest, HTTP or GraphQL: what it needs of Nest's providers it
 * names in `inject`, and gets it by these names as its last argument.
 */

/** Who asks, from where: filled where operations are dispatched. Plain data, so that a job can keep it. */
export interface Caller {
  readonly tenant: string;
  readonly actor: Actor;
  /** Set when a delegate or a person's own key acts for them: whose rights are used. */
  readonly onBehalfOf?: Actor | null;
  /** The sign-in; null for keys and the program itself. */
  readonly sessionId?: string | null;
  /** When the person last proved who they are; null for keys, absent for the program itself. */
  readonly authenticatedAt?: string | null;
  /** What the rights for this operation reach; absent for the program itself, which reaches all. */
  readonly companies?: 'all' | readonly string[];
  /** The parties (customers, suppliers) whose items alone they see. */
  readonly parties?: 'all' | readonly { readonly companyId: string | null; readonly party: Party }[];
  /** Guarded fields that are hidden or masked for the caller in this operation. */
  readonly fields?: Readonly<Record<string, FieldRule>>;
  /** Permissions that whoever used them on a document may not follow up with this operation on the same document. */
  readonly incompatibleWith?: readonly string[];
  /** Ids of others that are the same hand there: see `Access.peers`. */
  readonly peers?: readonly string[];
  /** Names of the roles that let the caller do it; absent for the program itself. */
  readonly roles?: readonly string[];
  readonly channel: Channel;
  readonly address: string | null;
  readonly correlationId: string;
  /** Why the person does it, when they say so. */
  readonly reason: string | null;
}

/** Reads past events by locator, lifted to their newest version. */
export interface EventReader {
  stream(
    stream: string,
    options?: {
      from?: number;
      limit?: number;
      backwards?: boolean;
      /** What to do at an event that this version does not know: refuse (503), the default, or leave it out. */
      unknown?: 'refuse' | 'skip';
    },
  ): AsyncIterable<RecordedEvent>;
  /** Counts exchanges of the log while this process runs: what was folded in another epoch is worth nothing. Absent: never. */
  readonly epoch?: number;
}

/** What every operation may use besides its input. */
export interface OperationContext {
  readonly events: EventReader;
  readonly files: Files;
  readonly jobs: Jobs;
}

/**
 * What facts are read from. Nothing here changes anything: a command is also rehearsed, and a rehearsal has no effect.
 */
export interface DecisionFactsContext {
  readonly events: EventReader;
  readonly files: Pick<Files, 'info' | 'open' | 'lines'>;
  readonly jobs: Pick<Jobs, 'get' | 'list'>;
}

// ── decide: commands that append to one stream ────────────────────────────────────────────────────────────
export interface DecideBinding {
  readonly kind: 'decide';
  readonly inject: Injections;
  readonly operations: readonly CommandOperation[];
  readonly decider: Decider<unknown, Command, NewEvent, unknown>;
  readonly events: readonly EventDeclaration[];
  readonly stream: (input: Record<string, unknown>, caller: Caller, newId: string, injected: never) => string;
  /**
   * Facts from past events, read from the event store before deciding; a rejection ends the command. Gets the state the
   * decision is made on, which holds locators of what is not in it; read again on each retry after a conflict.
   */
  readonly facts: (
    command: { readonly name: string; readonly input: Record<string, unknown> },
    state: unknown,
    caller: Caller,
    context: DecisionFactsContext,
    injected: never,
  ) => Promise<unknown>;
  /**
   * What else follows once the command is accepted, for what no event brings about (a job that is stopped). Never in a
   * rehearsal; again on a repeat, which mends a crash in between, so doing it twice must be harmless.
   */
  readonly afterwards: (
    command: { readonly name: string; readonly input: Record<string, unknown> },
    caller: Caller,
    context: OperationContext,
    injected: never,
  ) => Promise<void>;
  /** true: a decision without events is an answer ("already so"); otherwise it is a bug. */
  readonly mayChangeNothing: boolean;
}

/** Binds operations to a decider whose events stand in one stream. `newId` is the id of a record that does not exist yet. */
export function decide<
  S,
  C extends Command,
  E extends NewEvent,
  F = undefined,
  const I extends Injections = Record<never, never>,
>(declared: {
  operations: readonly CommandOperation[];
  inject?: I;
  decider: Decider<S, C, E, F>;
  events: readonly EventDeclaration[];
  stream: (input: C['input'], caller: Caller, newId: string, injected: Injected<I>) => string;
  facts?: (
    command: C,
    state: S,
    caller: Caller,
    context: DecisionFactsContext,
    injected: Injected<I>,
  ) => Promise<F | Rejection>;
  afterwards?: (command: C, caller: Caller, context: OperationContext, injected: Injected<I>) => Promise<void>;
  mayChangeNothing?: boolean;
}): DecideBinding {
  return {
    kind: 'decide',
    inject: declared.inject ?? {},
    operations: declared.operations,
    decider: declared.decider as unknown as DecideBinding['decider'],
    events: declared.events,
    stream: declared.stream as unknown as DecideBinding['stream'],
    facts: (declared.facts ?? (async () => undefined)) as unknown as DecideBinding['facts'],
    afterwards: (declared.afterwards ?? (async () => undefined)) as unknown as DecideBinding['afterwards'],
    mayChangeNothing: declared.mayChangeNothing ?? false,
  };
}

// ── answer: queries over read models ──────────────────────────────────────────────────────────────────────
export interface AnswerBinding {
  readonly kind: 'answer';
  readonly operation: QueryOperation;
  readonly inject: Injections;
  readonly answer: (input: never, read: QueryContext, injected: never) => Promise<unknown>;
}
/** A keyset page: rows in order, and the cursor's fields in each. The kit signs cursors and cuts pages. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface QueryContext extends ReadContext, OperationContext {
  readonly caller: Caller;
  /** Asks another context's published query in the same snapshot, at the same position; no rights are checked again. */
  ask<O extends QueryOperation>(operation: O, input: CallOf<O>): Promise<OutputOf<O> | Rejection>;
  /**
   * Answers a keyset page. `fetch` gets the last row's key values of the page before (null for the first page) and the
   * number of rows to read; `key` names the values that order the rows. Cursors are signed and bound to tenant,
   * operation, filters and known-at; a foreign or changed one is a 400 `platform.cursor-invalid`.
   */
  page<R>(
    request: PageRequest,
    filters: unknown,
    key: (row: R) => readonly (string | null)[],
    fetch: (after: readonly (string | null)[] | null, count: number) => Promise<R[]>,
  ): Promise<{ items: R[]; next: string | null }>;
}
type Answer<O extends Operation, I extends Injections> = (
  input: InputOf<O>,
  read: QueryContext,
  injected: Injected<I>,
) => Promise<OutputOf<O> | Rejection>;
/** Binds a query to what answers it: `answer(listNotes, async (input, read) => …)`, or with `{ pool: Pool }` in between. */
export function answer<O extends QueryOperation>(operation: O, handler: Answer<O, Record<never, never>>): AnswerBinding;
export function answer<O extends QueryOperation, const I extends Injections>(
  operation: O,
  inject: I,
  handler: Answer<O, I>,
): AnswerBinding;
export function answer(operation: QueryOperation, ...rest: unknown[]): AnswerBinding {
  const [inject, handler] = injectionsAnd<AnswerBinding['answer']>(rest);
  return { kind: 'answer', operation, inject, answer: handler };
}
const injectionsAnd = <H>(rest: unknown[]): readonly [Injections, H] =>
  (rest.length === 1 ? [{}, rest[0]] : rest) as unknown as [Injections, H];

// ── perform: commands that are not one decision (sign in, start a job, rebuild) ───────────────────────────
export interface PerformBinding {
  readonly kind: 'perform';
  readonly operation: Operation;
  readonly inject: Injections;
  readonly perform: (input: never, context: PerformContext, injected: never) => Promise<unknown>;
}
/** Runs commands that were asked for earlier, under ids that are known beforehand. */
export interface OnBehalfExecutor {
  /**
   * Runs a command that somebody else asked for and a second person approved: in the asker's name, with the version
   * they had pinned. No rights are checked again and no gate is asked.
   */
  executeAs<O extends CommandOperation>(
    caller: Caller,
    operation: O,
    input: unknown,
    options: { commandId: string; expectedVersion: number | null },
  ): Promise<CommandResult | Rejection>;
  /** The operation of that name, of any context; undefined when there is none. */
  operation(name: string): Operation | undefined;
}
export interface PerformContext extends OperationContext, OnBehalfExecutor {
  readonly caller: Caller;
  /** Deterministic for a keyed command: the same request makes the same ids. */
  readonly commandId: string;
  readonly newId: string;
  /** The version the caller pinned with If-Match; a step that decides by it is given it. */
  readonly expectedVersion: number | null;
  /**
   * Dispatches another command in the caller's name. Its id follows from this one's, the operation and the item it is for, so
   * that a retry repeats nothing, whatever it finds done already; an operation that is executed for several items names
   * each. The step that an approvable command names as the one that waits is held where a rule asks for it: the answer then has an
   * `approval`, and nothing is done yet.
   */
  execute<O extends CommandOperation>(
    operation: O,
    input: CallOf<O>,
    item?: string,
  ): Promise<CommandResult | Rejection>;
  /**
   * What `executeAs` would answer now, without doing it: a rejection, 'repeat' for a command that ran before under this id,
   * or null for one that would be accepted, as far as a decision tells.
   */
  rehearseAs<O extends CommandOperation>(
    caller: Caller,
    operation: O,
    input: unknown,
    options: { commandId: string; expectedVersion: number | null },
  ): Promise<Rejection | 'repeat' | null>;
  /** A file that the caller may read; null for every other, whether it is there or not. */
  readableFile(sha256: string): Promise<FileInfo | null>;
  /** Reads read models in one snapshot. */
  read<T>(work: (read: QueryContext) => Promise<T>): Promise<T>;
  /** HTTP headers of the request that an operation may ask for (user agent); empty outside HTTP. */
  readonly client: { readonly userAgent: string | null };
  /** Sets an HttpOnly, SameSite=Strict cookie on the answer (null clears it); nothing outside HTTP. */
  setCookie(name: string, value: string | null, options: { path: string; maxAgeSeconds: number }): void;
  readonly cookies: Readonly<Record<string, string | undefined>>;
}
type Perform<O extends Operation, I extends Injections> = (
  input: InputOf<O>,
  context: PerformContext,
  injected: Injected<I>,
) => Promise<OutputOf<O> | Rejection>;
/** Binds an operation to what does it: `perform(signIn, { keys: SigningKeys }, async (input, context, { keys }) => …)`. */
export function perform<O extends Operation>(operation: O, handler: Perform<O, Record<never, never>>): PerformBinding;
export function perform<O extends Operation, const I extends Injections>(
  operation: O,
  inject: I,
  handler: Perform<O, I>,
): PerformBinding;
export function perform(operation: Operation, ...rest: unknown[]): PerformBinding {
  const [inject, handler] = injectionsAnd<PerformBinding['perform']>(rest);
  return { kind: 'perform', operation, inject, perform: handler };
}
