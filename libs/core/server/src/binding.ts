import type { SnapshotKind } from '@daybook/event-store';
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
  RecordRef,
  Rejection,
} from '@daybook/kernel';
import type { ReadContext } from '@daybook/projections';
import type { RawBuilder } from 'kysely';
import { declaredFacts, type DeclaredFacts, type FactsTable } from './facts.js';
import type { UniqueField } from './hold/unique-field.js';
import type { Access } from './dispatch/access.js';
import type { Injected, Injections } from './nest/tokens.js';

/*
 * How a context binds its declarations to code. `<context>.module.ts` puts the bindings into one `Context`, from which
 * `contextModule` makes the Nest module of the context, with a handler per operation. Handlers know neither Nest nor HTTP
 * nor GraphQL: they name the providers they need in `inject` and get them, by these names, as their last argument.
 *
 * `decide`, `answer` and `perform` check a handler against its declaration. The binding that they make has forgotten its
 * types, since one list holds the bindings of all operations: its functions are methods, whose parameters TypeScript compares
 * in both directions, so that they take what the declaration says as `unknown`.
 */

/** Who calls, and from where; filled by the dispatcher. */
export interface Caller {
  readonly tenant: string;
  readonly actor: Actor;
  /** Set when a delegate or a person's own key acts for them: whose rights are used. */
  readonly onBehalfOf?: Actor | null;
  /** The session; null for API keys and for the system. */
  readonly sessionId?: string | null;
  /** When the person last authenticated; null for API keys, absent for the system. */
  readonly authenticatedAt?: string | null;
  /** The companies that the rights for this operation cover; absent for the system, which covers all. */
  readonly companies?: 'all' | readonly string[];
  /** The only parties (customers, suppliers) whose lines the caller sees. */
  readonly parties?: 'all' | readonly { readonly companyId: string | null; readonly party: Party }[];
  /**
   * Permissions to see every row of a record that names who sees it (`readAllOf`). Absent: jobs, processes and the system see
   * every row, a person only their own.
   */
  readonly allRows?: readonly string[];
  /** Guarded fields that are hidden or masked for the caller in this operation. */
  readonly fields?: Readonly<Record<string, FieldRule>>;
  /** Segregation of duties: see `Access.incompatible`; absent where the rights of now are to be asked. */
  readonly incompatible?: Access['incompatible'];
  /** Other ids that count as the same person there: see `Access.peers`. */
  readonly peers?: readonly string[];
  /** Names of the roles that permit the operation; absent for the system. */
  readonly roles?: readonly string[];
  readonly channel: Channel;
  readonly address: string | null;
  readonly correlationId: string;
  /** The reason that the person gave, if any. */
  readonly reason: string | null;
}

/** Reads past events of a stream, upcast to their newest version. */
export interface EventReader {
  stream(
    stream: string,
    options?: {
      from?: number;
      limit?: number;
      backwards?: boolean;
      /** What to do with an event type that this version does not know: refuse with 503 (the default), or skip it. */
      unknown?: 'refuse' | 'skip';
    },
  ): AsyncIterable<RecordedEvent>;
  /** Counts how often the log was replaced while this process runs: state folded in another epoch is invalid. */
  readonly epoch?: number;
}

/** What every operation may use besides its input. */
export interface OperationContext {
  readonly events: EventReader;
  readonly files: Files;
  readonly jobs: Jobs;
}

// ── decide: commands that append to one stream ────────────────────────────────────────────────────────────
export interface DecideBinding extends DeclaredFacts {
  readonly kind: 'decide';
  readonly inject: Injections;
  readonly operations: readonly CommandOperation[];
  readonly decider: Decider<unknown, Command, NewEvent, unknown>;
  readonly events: readonly EventDeclaration[];
  stream(input: unknown, caller: Caller, newId: string, injected: unknown): string;
  /** Is its stream empty, most likely? It is decided so without a read; the append proves it. */
  begins(input: unknown): boolean;
  /** Fields whose value one record alone may have; only for streams of one record. */
  readonly unique: readonly UniqueField[];
  /**
   * What to do once the command is accepted and no event triggers it (stop a job). Never runs in a rehearsal; runs again
   * when the command is repeated, since a crash may have come in between. Must be idempotent.
   */
  afterwards(command: Command, caller: Caller, context: OperationContext, injected: unknown): Promise<void>;
  /** true: a decision may have no events (nothing to change); otherwise that is a bug. */
  readonly mayChangeNothing: boolean;
  readonly snapshots: SnapshotsOf | null;
  /** The revisions at which a record of a stream of many was changed, oldest first; null: its whole stream is read. */
  readonly revisionsOf: ((state: unknown, record: RecordRef) => readonly number[]) | null;
}

/** How snapshots of a decider's streams are kept, for streams that grow long (docs/adr/0060). */
export interface SnapshotsOf extends Pick<SnapshotKind, 'personal' | 'personalIn'> {
  /** URL of the decider's module: `import.meta.resolve('./ledger/ledger.decider.js')`. Other code folds other states. */
  readonly code: string;
}

/** Binds commands to a decider whose events are in one stream. `newId` is the id for a record that is created. */
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
  begins?: (input: C['input']) => boolean;
  facts?: FactsTable<F, C, S, Injected<I>>;
  unique?: readonly UniqueField<NoInfer<S>, NoInfer<C>, Injected<I>>[];
  afterwards?: (command: C, caller: Caller, context: OperationContext, injected: Injected<I>) => Promise<void>;
  mayChangeNothing?: boolean;
  snapshots?: SnapshotsOf;
  revisionsOf?: (state: NoInfer<S>, record: RecordRef) => readonly number[];
}): DecideBinding {
  return {
    kind: 'decide',
    inject: declared.inject ?? {},
    operations: declared.operations,
    decider: declared.decider,
    events: declared.events,
    stream: declared.stream,
    ...declaredFacts(declared.facts, declared.operations),
    unique: declared.unique ?? [],
    afterwards: declared.afterwards ?? (async () => undefined),
    begins: declared.begins ?? (() => false),
    mayChangeNothing: declared.mayChangeNothing ?? false,
    snapshots: declared.snapshots ?? null,
    revisionsOf: (declared.revisionsOf as DecideBinding['revisionsOf'] | undefined) ?? null,
  };
}

// ── answer and perform: one handler for one operation ────────────────────────────────────────────────────
interface HandlerBinding<Kind extends string, O extends Operation, Context> {
  readonly kind: Kind;
  readonly operation: O;
  readonly inject: Injections;
  handler(input: unknown, context: Context, injected: unknown): Promise<unknown>;
}
type Handler<O extends Operation, Context, I extends Injections> = (
  input: InputOf<O>,
  context: Context,
  injected: Injected<I>,
) => Promise<OutputOf<O> | Rejection>;
/** Binds an operation to its handler; in between, the providers that it gets. */
interface Binder<Of extends Operation, Context, Binding> {
  <O extends Of>(operation: O, handler: Handler<O, Context, Record<never, never>>): Binding;
  <O extends Of, const I extends Injections>(operation: O, inject: I, handler: Handler<O, Context, I>): Binding;
}
const binderOf =
  <Kind extends string, O extends Operation, Context>(
    kind: Kind,
  ): Binder<O, Context, HandlerBinding<Kind, O, Context>> =>
  (operation: O, ...rest: [AnyHandler<Context>] | [Injections, AnyHandler<Context>]) => {
    const [inject, handler] = rest.length === 1 ? [{}, rest[0]] : rest;
    return { kind, operation, inject, handler };
  };
type AnyHandler<Context> = HandlerBinding<string, Operation, Context>['handler'];

// ── answer: queries over read models ──────────────────────────────────────────────────────────────────────
export type AnswerBinding = HandlerBinding<'answer', QueryOperation, QueryContext>;
/** A request for a keyset page. Cursors are signed and pages cut by `QueryContext.page`. */
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface QueryContext extends ReadContext, OperationContext {
  readonly caller: Caller;
  /** Does the caller see the record of this type and id? For rows that tell of records in general: the trail, comments. */
  sees(type: RawBuilder<string>, id: RawBuilder<string>): RawBuilder<boolean>;
  /** Resolves once the rights are known that the query began ahead of: what asks for them goes out with what does not. */
  admitted(): Promise<unknown>;
  /** Only which records are there and what they are called is asked for: what is computed besides may be left out. */
  readonly forNames: boolean;
  /** A query says so that also asks plain tables or the clock, which change without an event: its answer has no tag (docs/adr/0084). */
  asksMore(): void;
  /** Runs another context's published query in the same snapshot, at the same position, without checking rights again. */
  ask<O extends QueryOperation>(
    operation: O,
    input: CallOf<O>,
    wanted?: { readonly forNames: boolean },
  ): Promise<OutputOf<O> | Rejection>;
  /**
   * Returns a keyset page. `fetch` gets the key values of the previous page's last row (null for the first page) and the
   * number of rows to read; `key` returns the values by which rows are ordered. Cursors are signed and bound to tenant,
   * operation, filters and known-at; a cursor of another list is a 400 `platform.cursor-invalid`.
   */
  page<R>(
    request: PageRequest,
    filters: unknown,
    key: (row: R) => readonly (string | null)[],
    fetch: (after: readonly (string | null)[] | null, count: number) => Promise<R[]>,
  ): Promise<{ items: R[]; next: string | null }>;
}
/** Binds a query to its handler: `answer(listNotes, async (input, read) => …)`, or with `{ pool: POOL }` in between. */
export const answer = binderOf<'answer', QueryOperation, QueryContext>('answer');

// ── perform: commands that are not one decision (sign in, start a job, rebuild) ───────────────────────────
export type PerformBinding = HandlerBinding<'perform', Operation, PerformContext>;
/** Runs commands that were requested earlier, under command ids that are known beforehand. */
export interface OnBehalfExecutor {
  /**
   * Runs a command that somebody else requested and a second person approved, in the requester's name and with the
   * version they pinned. Neither rights nor the approval gate are checked again.
   */
  executeAs<O extends CommandOperation>(
    caller: Caller,
    operation: O,
    input: unknown,
    options: { commandId: string; expectedVersion: number | null },
  ): Promise<CommandResult | Rejection>;
  /** The operation of that name, in any context. */
  operation(name: string): Operation | undefined;
}
export interface PerformContext extends OperationContext, OnBehalfExecutor {
  readonly caller: Caller;
  /** Deterministic with an idempotency key: the same request gets the same ids. */
  readonly commandId: string;
  readonly newId: string;
  /** The version that the caller pinned with If-Match, to pass on to the step that checks it. */
  readonly expectedVersion: number | null;
  /**
   * Last revision of a stream that was asked for with the caller's rights (`Context.askedWithRights`), -1 for an empty one; null
   * where it was not asked for, and who needs it reads the stream.
   */
  revisionOf(stream: string): number | null;
  /**
   * Runs another command in the caller's name. Its id is derived from this command's id, the operation and `item`, so that
   * a retry is idempotent however far the first attempt came; name the item when one operation runs for several. A step
   * that `approvable` names waits for approval where a rule says so: the result then has an `approval`, and nothing is
   * done yet.
   */
  execute<O extends CommandOperation>(
    operation: O,
    input: CallOf<O>,
    item?: string,
  ): Promise<CommandResult | Rejection>;
  /**
   * What `executeAs` would return now, without doing it: a rejection, 'repeat' when a command ran under this id before, or
   * null when it would be accepted. Null also for commands that are not bound to a decider.
   */
  rehearseAs<O extends CommandOperation>(
    caller: Caller,
    operation: O,
    input: unknown,
    options: { commandId: string; expectedVersion: number | null },
  ): Promise<Rejection | 'repeat' | null>;
  /** Why the caller may not ask this query, by their rights and its schema; null when they may. */
  mayAsk(operation: QueryOperation, input: unknown): Promise<Rejection | null>;
  /** Why the caller may not run this command, by their rights alone: of the input only its company is read. */
  mayRun(operation: CommandOperation, input: unknown): Promise<Rejection | null>;
  /** The file if the caller may read it; null otherwise, whether it exists or not. */
  readableFile(sha256: string): Promise<FileInfo | null>;
  /** Queries the read models in one snapshot. */
  read<T>(work: (read: QueryContext) => Promise<T>): Promise<T>;
  /** Request headers that operations may use; null outside HTTP. */
  readonly client: { readonly userAgent: string | null };
  /** Sets an HttpOnly, SameSite=Strict cookie on the response (null clears it). No effect outside HTTP. */
  setCookie(name: string, value: string | null, options: { path: string; maxAgeSeconds: number }): void;
  readonly cookies: Readonly<Record<string, string | undefined>>;
}
/** Binds an operation to its handler: `perform(signIn, { keys: SigningKeys }, async (input, context, { keys }) => …)`. */
export const perform = binderOf<'perform', Operation, PerformContext>('perform');
