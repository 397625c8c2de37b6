import type { EventCatalogue, EventStore } from '@daybook/event-store';
import {
  type AnyJobGivenUp,
  type AnyJobHandler,
  type JobDeclaration,
  type JobGivenUp,
  type JobHandler,
  type JobStatus,
  type Schedule,
  schedule,
} from '@daybook/jobs';
import type { Message } from '@daybook/mail';
import type {
  CallOf,
  CommandOperation,
  CommandResult,
  CustomField,
  CustomFieldsByType,
  EventDeclaration,
  Process,
  PublishedState,
  QueryOperation,
  RecordType,
  Rejection,
  RolePatterns,
  Sample,
  Screen,
} from '@daybook/kernel';
import type { KnownTable, Projection, TableDeclaration } from '@daybook/projections';
import type { EntitySchema } from '@mikro-orm/postgresql';
import type * as z from 'zod';
import type {
  AnswerBinding,
  Caller,
  DecideBinding,
  EventReader,
  OnBehalfExecutor,
  OperationContext,
  PerformBinding,
  PerformContext,
  QueryContext,
} from './binding.js';
import type { FileCitations } from './files/readable-files.js';
import type { Injected, Injections } from './nest/tokens.js';
import type { PersonalData } from './personal-data.js';

export * from './binding.js';

/** What a job may use besides its run: it acts through commands, in the name of the person who started it. */
export interface JobContext extends OperationContext, OnBehalfExecutor {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  execute<O extends CommandOperation>(
    operation: O,
    input: CallOf<O>,
    caller: Caller,
    key: string,
    /** The command that led to this one. */
    causationId?: string,
  ): Promise<CommandResult | Rejection>;
}
/**
 * Called before a command runs whose declaration is `approvable`: null lets it run, a result has the id of the approval
 * request. Runs in the command's own context; the request's id is derived from the command's, so a retry submits it once.
 */
export abstract class ApprovalGate {
  abstract ask(command: CommandToApprove, context: PerformContext): Promise<CommandResult | Rejection | null>;
}
export interface CommandToApprove {
  readonly operation: CommandOperation;
  /** The operation name in approval rules: its own, or that of the command it is a step of. */
  readonly ruledAs: string;
  readonly input: Record<string, unknown>;
  readonly expectedVersion: number | null;
  /** Names of the roles that permit the command. */
  readonly roles: readonly string[];
  /**
   * What would happen if it ran now: a rejection, 'repeat' when it ran before, or null when it would be accepted. Null
   * also for commands that are not bound to a decider.
   */
  readonly rehearse: () => Promise<Rejection | 'repeat' | null>;
}

export interface JobBinding {
  readonly job: JobDeclaration;
  readonly inject: Injections;
  handler(context: JobContext, injected: unknown): AnyJobHandler;
  /** What follows when the job fails for good (`JobGivenUp`). */
  givenUp?(context: JobContext, injected: unknown): AnyJobGivenUp;
  /** The command that cancels what the job works for; null where there is nothing to cancel but the job. It stops the job itself. */
  cancelledBy?(run: JobToCancel<unknown>, events: EventReader): Promise<StepToSend | null>;
}
export type JobToCancel<I> = Pick<JobStatus, 'tenant'> & { readonly input: I };
/** A command with its input. */
export interface StepToSend {
  readonly operation: CommandOperation;
  readonly input: Readonly<Record<string, unknown>>;
}
/** Binds a job to its handler. */
export const jobOf = <Input extends z.ZodType, const I extends Injections>(
  job: JobDeclaration<Input>,
  inject: I,
  handler: (context: JobContext, injected: Injected<I>) => JobHandler<z.output<Input>>,
  givenUp?: (context: JobContext, injected: Injected<I>) => JobGivenUp<z.output<Input>>,
  cancelledBy?: (run: JobToCancel<z.output<Input>>, events: EventReader) => Promise<StepToSend | null>,
): JobBinding => ({
  job,
  inject,
  handler,
  ...(givenUp && { givenUp }),
  ...(cancelledBy && { cancelledBy: cancelledBy as NonNullable<JobBinding['cancelledBy']> }),
});

export interface ScheduleBinding extends Omit<Schedule, 'tenants'> {
  readonly inject: Injections;
  tenants(injected: unknown): Promise<readonly string[]>;
}
/** Starts a job by the clock of a zone, in the tenants that `tenants` names. Throws where its times are none. */
export const scheduleOf = <const I extends Injections, S extends z.ZodType>(
  job: JobDeclaration<S>,
  inject: I,
  declared: Omit<Schedule<S>, 'job' | 'tenants'> & { tenants: (injected: Injected<I>) => Promise<readonly string[]> },
): ScheduleBinding => ({ inject, ...schedule(job, declared) });

export interface MailTemplateBinding {
  /** `identity.password-reset`: what waits to be sent is kept under this name. */
  readonly name: string;
  /** A mail older than this is of no use any more, and is given up. */
  readonly hours: number;
  readonly inject: Injections;
  compose(value: string, injected: unknown): Promise<Message | null>;
  /** What to do when the mail cannot be sent: it was refused for good, or is too old. Must be idempotent. */
  givenUp?(value: string, injected: unknown): Promise<void>;
}
/** Binds the name of a mail to what composes it when it is sent (`Outbox`). */
export const mailTemplateOf = <const I extends Injections>(
  name: string,
  hours: number,
  inject: I,
  compose: (value: string, injected: Injected<I>) => Promise<Message | null>,
  givenUp?: (value: string, injected: Injected<I>) => Promise<void>,
): MailTemplateBinding => ({
  name,
  hours,
  inject,
  compose,
  ...(givenUp && { givenUp }),
});

export interface PersonalDataBinding {
  readonly inject: Injections;
  make(injected: unknown): PersonalData;
}
export const personalDataOf = <const I extends Injections>(
  inject: I,
  make: (injected: Injected<I>) => PersonalData,
): PersonalDataBinding => ({ inject, make });

/** Where custom fields are defined (docs/adr/0066). */
export interface CustomFieldRegistry {
  /** For decisions. One per tenant. */
  readonly state: PublishedState<CustomFieldsByType>;
  /** For reads: the fields of a type as they were known at the moment that is read. */
  fieldsAt(read: QueryContext, recordType: string): Promise<readonly CustomField[]>;
}

/** Where the tags on the records of all types are: what every list is filtered by (docs/adr/0074). */
export interface RecordTags {
  /** A row for each tag on a record, with the record as events name it. */
  readonly table: TableDeclaration<
    z.ZodObject<{ recordType: z.ZodString; recordId: z.ZodString; tagId: z.ZodUUID }>,
    KnownTable['history']
  >;
  /** The query that answers the tags on a record: who may not ask it learns nothing of them from a list. */
  readonly query: QueryOperation;
}

/** Everything that a context provides to the two apps. */
export interface Context {
  /** `accounting`: the first word of its operations, events and problem codes. */
  readonly name: string;
  /** The heading in the console's rail: "Books". */
  readonly title: string;
  /** Where the custom fields of all record types are defined; at most one context does so. */
  readonly customFields: CustomFieldRegistry | null;
  /** Lists of the tenant's people, what says most first: how a cell of a file that names somebody is understood. */
  readonly persons: readonly QueryOperation[];
  /** Where tags on records are; at most one context does so. */
  readonly recordTags: RecordTags | null;
  /** The record types that its events are about, as far as they are declared. References between records are checked. */
  readonly records: readonly RecordType[];
  /** What the roles of every tenant may do here: patterns that begin with its name. */
  readonly roles: RolePatterns;
  /** How its records are made for the specs that try every operation. */
  readonly samples: readonly Sample[];
  /** Its screens: a page that shows a record says how that record is read (record/readable-records.ts). */
  readonly views: readonly Screen[];
  readonly events: readonly EventDeclaration[];
  readonly bindings: readonly (DecideBinding | AnswerBinding | PerformBinding)[];
  /**
   * Commands that only other commands, jobs and processes execute. They have no route and no GraphQL field and are not
   * documented; the rights of the outer command apply.
   */
  readonly internal: readonly (DecideBinding | PerformBinding)[];
  readonly projections: readonly Projection[];
  /** What happens by itself after events. */
  readonly processes: readonly Process[];
  /**
   * Who may hear hints: each channel that a projection announces, and the query whose readers may. Hints on a channel that no
   * context names here reach nobody; a spec of the application finds such channels.
   */
  readonly channels: Readonly<Record<string, QueryOperation>>;
  readonly jobs: readonly JobBinding[];
  /** Jobs that start by the clock. */
  readonly schedules: readonly ScheduleBinding[];
  /** Mails that are composed when they are sent. */
  readonly mailTemplates: readonly MailTemplateBinding[];
  /** Of these, those of what is kept about records of any type, like comments: who hears of it need not see the record, so no hint names an id. */
  readonly namelessChannels: readonly string[];
  /** Which records cite files: who may read the record may read the file, and cited files are kept (upkeep.ts). */
  readonly citations: readonly FileCitations[];
  /** What it stores about people besides rows that the projection engine empties by itself; null for nothing. */
  readonly personalData: PersonalDataBinding | null;
  /** MikroORM entities of the plain tables in its migrations. */
  readonly entities: readonly EntitySchema[];
  /**
   * Streams of a tenant that decide about commands in general (rules of approval): their last revisions are asked with the
   * rights of each request, in one round trip, so that what was folded of them is known to be current (`revisionOf`).
   */
  readonly askedWithRights: (tenant: string) => readonly string[];
}
export const context = (declared: Partial<Context> & Pick<Context, 'name' | 'title'>): Context => ({
  records: [],
  roles: {},
  samples: [],
  views: [],
  events: [],
  bindings: [],
  internal: [],
  projections: [],
  processes: [],
  channels: {},
  namelessChannels: [],
  jobs: [],
  schedules: [],
  mailTemplates: [],
  citations: [],
  personalData: null,
  customFields: null,
  persons: [],
  recordTags: null,
  entities: [],
  askedWithRights: () => [],
  ...declared,
});

/** What one folder of a large context provides. */
export type ContextPart = Partial<
  Pick<Context, 'events' | 'bindings' | 'internal' | 'projections' | 'processes' | 'channels' | 'jobs' | 'schedules'>
>;
export const joined = (parts: readonly ContextPart[]): Required<ContextPart> => ({
  events: parts.flatMap(({ events }) => events ?? []),
  bindings: parts.flatMap(({ bindings }) => bindings ?? []),
  internal: parts.flatMap(({ internal }) => internal ?? []),
  projections: parts.flatMap(({ projections }) => projections ?? []),
  processes: parts.flatMap(({ processes }) => processes ?? []),
  jobs: parts.flatMap(({ jobs }) => jobs ?? []),
  schedules: parts.flatMap(({ schedules }) => schedules ?? []),
  channels: Object.assign({}, ...parts.map(({ channels }) => channels ?? {})),
});
