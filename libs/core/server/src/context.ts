import type { EventCatalogue, EventStore } from '@daybook/event-store';
import type { JobDeclaration, JobHandler } from '@daybook/jobs';
import type { Message } from '@daybook/mail';
import type {
  CallOf,
  CommandOperation,
  CommandResult,
  EventDeclaration,
  QueryOperation,
  Rejection,
} from '@daybook/kernel';
import type { Projection } from '@daybook/projections';
import type { EntitySchema } from '@mikro-orm/postgresql';
import type {
  AnswerBinding,
  Caller,
  DecideBinding,
  OnBehalfExecutor,
  OperationContext,
  PerformBinding,
  PerformContext,
} from './binding.js';
import type { FileCitations } from './files/readable-files.js';
import type { Injected, Injections } from './nest/tokens.js';
import type { PersonalData } from './personal-data.js';

export * from './binding.js';

/** What a job may use besides its run: it acts through commands, in the name of who started it. */
export interface JobContext extends OperationContext, OnBehalfExecutor {
  readonly store: EventStore;
  readonly catalogue: EventCatalogue;
  execute<O extends CommandOperation>(
    operation: O,
    input: CallOf<O>,
    caller: Caller,
    key: string,
  ): Promise<CommandResult | Rejection>;
}
/**
 * Asked before a command runs whose declaration is `approvable`: null lets it run, a result says under which id it waits
 * for a second person. Runs in the command's own context; its id follows from the command's, so that a retry waits once.
 */
export abstract class ApprovalGate {
  abstract ask(command: CommandToApprove, context: PerformContext): Promise<CommandResult | Rejection | null>;
}
export interface CommandToApprove {
  readonly operation: CommandOperation;
  /** The name that rules know it by: the command's own, or that of the command it is a step of. */
  readonly ruledAs: string;
  readonly input: Record<string, unknown>;
  readonly expectedVersion: number | null;
  /** Names of the roles that let the caller do it. */
  readonly roles: readonly string[];
  /**
   * What would happen if it ran now, without running it: a rejection, 'repeat' for a command that ran before, or null
   * for one that would be accepted, as far as a decision tells.
   */
  readonly rehearse: () => Promise<Rejection | 'repeat' | null>;
}

export interface JobBinding {
  readonly job: JobDeclaration;
  readonly inject: Injections;
  readonly handler: (context: JobContext, injected: never) => JobHandler<never>;
}
/** Binds a job to what does it. */
export const jobOf = <const I extends Injections>(
  job: JobDeclaration,
  inject: I,
  handler: (context: JobContext, injected: Injected<I>) => JobHandler<never>,
): JobBinding => ({ job, inject, handler: handler as unknown as JobBinding['handler'] });

export interface MailTemplateBinding {
  /** `identity.password-reset`: what waits to be sent is kept under this name. */
  readonly name: string;
  /** A mail older than this is of no use any more, and is given up. */
  readonly hours: number;
  readonly inject: Injections;
  readonly compose: (value: string, injected: never) => Promise<Message | null>;
}
/** Binds the name of a mail to what composes it when it is sent (`Outbox`). */
export const mailTemplateOf = <const I extends Injections>(
  name: string,
  hours: number,
  inject: I,
  compose: (value: string, injected: Injected<I>) => Promise<Message | null>,
): MailTemplateBinding => ({ name, hours, inject, compose: compose as unknown as MailTemplateBinding['compose'] });

export interface PersonalDataBinding {
  readonly inject: Injections;
  readonly make: (injected: never) => PersonalData;
}
export const personalDataOf = <const I extends Injections>(
  inject: I,
  make: (injected: Injected<I>) => PersonalData,
): PersonalDataBinding => ({ inject, make: make as unknown as PersonalDataBinding['make'] });

/** Everything a context brings; the two apps take it as it is. */
export interface Context {
  /** `accounting`; first word of its operations, events and problem codes. */
  readonly name: string;
  /** What the console's rail says: "Books". */
  readonly title: string;
  readonly events: readonly EventDeclaration[];
  readonly bindings: readonly (DecideBinding | AnswerBinding | PerformBinding)[];
  /**
   * Commands that only other commands and jobs of the product execute: a step of a larger command. They have no route,
   * no field, no place in the documents; the rights of the command they are a step of hold.
   */
  readonly internal: readonly (DecideBinding | PerformBinding)[];
  readonly projections: readonly Projection[];
  /**
   * Who may hear hints: each channel that a projection announces, and the query whose readers may. Hints on a channel that no
   * context names here reach nobody; a spec of the application finds such channels.
   */
  readonly channels: Readonly<Record<string, QueryOperation>>;
  readonly jobs: readonly JobBinding[];
  /** Mails that are composed when they are sent. */
  readonly mailTemplates: readonly MailTemplateBinding[];
  /** Which of its records cite files: who may read the one may read the other, and what is cited is kept (upkeep.ts). */
  readonly citations: readonly FileCitations[];
  /** What it keeps about people; null for nothing but rows that the engine empties by itself. */
  readonly personalData: PersonalDataBinding | null;
  /** Of the plain tables that its migrations make. */
  readonly entities: readonly EntitySchema[];
}
export const context = (declared: Partial<Context> & Pick<Context, 'name' | 'title'>): Context => ({
  events: [],
  bindings: [],
  internal: [],
  projections: [],
  channels: {},
  jobs: [],
  mailTemplates: [],
  citations: [],
  personalData: null,
  entities: [],
  ...declared,
});

/** What one folder of a large context brings. */
export type ContextPart = Partial<
  Pick<Context, 'events' | 'bindings' | 'internal' | 'projections' | 'channels' | 'jobs'>
>;
export const joined = (parts: readonly ContextPart[]): Required<ContextPart> => ({
  events: parts.flatMap(({ events }) => events ?? []),
  bindings: parts.flatMap(({ bindings }) => bindings ?? []),
  internal: parts.flatMap(({ internal }) => internal ?? []),
  projections: parts.flatMap(({ projections }) => projections ?? []),
  jobs: parts.flatMap(({ jobs }) => jobs ?? []),
  channels: Object.assign({}, ...parts.map(({ channels }) => channels ?? {})),
});
