import * as z from 'zod';
import type { Customizable, EntersCustom } from './record/custom.js';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type HttpRoute = `${HttpMethod} /v1/${string}`;

/** What every command answers: the record, its version (the ETag) and the position to wait for when reading. */
export const commandResult = z
  .object({
    id: z.string(),
    version: z.int(),
    position: z.string().describe('Opaque position of the last event; pass it as min-position to read your own write'),
    approvalRequest: z
      .uuid()
      .optional()
      .describe('Nothing is done yet: the command waits under this id until a second person approves it'),
  })
  .meta({ id: 'CommandResult' });
export type CommandResult = z.infer<typeof commandResult>;

interface Shared<N extends string, I extends z.ZodObject, O extends z.ZodType> {
  /** `context.noun.verb`, reads `context.noun.read` style permissions. */
  readonly name: N;
  /** Imperative sentence case, as a button or a help text says it: "Post a journal entry". */
  readonly title: string;
  readonly description: string;
  readonly http: HttpRoute;
  /** null: open to anybody (sign-in, health). */
  readonly permission: string | null;
  readonly input: I;
  readonly output: O;
  /**
   * Where the permission must be held. 'company': in the company of the input's `companyId`; 'tenant': by a grant that
   * is not limited to a company; 'caller': by any grant, for the operation itself keeps to what is the caller's
   * (`Caller.companies`, `Caller.parties`). By default 'company' where the input has a `companyId`, else 'tenant'.
   */
  readonly scope: Scope;
  /** Needs a recent sign-in (step-up), and is refused to keys and to a delegate who acts for a person. */
  readonly sensitive: boolean;
  /** A delegate who acts for a person may do it, with that person's rights. What does not say so is closed to delegated access. */
  readonly delegated: boolean;
}
export type Scope = 'tenant' | 'company' | 'caller';
const scopeOf = (input: z.ZodObject): Scope => ('companyId' in input.shape ? 'company' : 'tenant');

export interface CommandOperation<
  N extends string = string,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> extends Shared<N, I, O> {
  readonly kind: 'command';
  /** Past-tense predicate of the audit sentence; `{field}` is filled from the event's data: "posted {number}". */
  readonly says: string;
  /** May, must or cannot the caller pin the record's version with If-Match? */
  readonly ifMatch: 'none' | 'optional' | 'required';
  /** false for operations that answer secrets: they take no Idempotency-Key. */
  readonly acceptsIdempotencyKey: boolean;
  /** The operation that takes this one back, and its input from the first one's input and result. */
  readonly undo: UndoDeclaration | null;
  /** A rule of the tenant may ask for a second person before it runs; null where that makes no sense. */
  readonly approvable: ApprovableDeclaration | null;
  /** Who may not do it to a record, because of what they did to it before; null: a rule of the tenant alone may say so. */
  readonly notBy: NotBy | null;
  /** It enters custom fields, as `custom` of its input: the decision gets their definitions (docs/adr/0066). */
  readonly custom: EntersCustom | null;
}
/** 'creator': the person who created the record; 'contributor': anyone who created or changed it in any way. */
export type NotBy = 'creator' | 'contributor';
/** What a rule can compare, and what the second person is shown. */
export interface ApprovableDeclaration {
  /** The amount a rule may name a limit for, as a decimal text; null for an input without one. */
  readonly amount?: (input: Record<string, unknown>) => string | null;
  /** The person it is about, who cannot approve it: the person who is given a role. */
  readonly about?: (input: Record<string, unknown>) => string | null;
  /**
   * Whose personal data the input is: by default the initiator's. 'record': an invited person's, who has no id yet; the input
   * is sealed under the id of the resulting record, and erased with it.
   */
  readonly sealedFor?: 'initiator' | 'record';
  /**
   * One line for the inbox, from the input: "Entry of 122 500,00 on 31 March 2026". Plain text, no personal data. Guarded
   * fields are null in the input that it gets, because everybody who sees the request reads it.
   */
  readonly summary: (input: Record<string, unknown>) => string;
  /**
   * The permission to read what it is about, which decides who sees the request (docs/adr/0076). By default that of its noun:
   * `accounting.entry.read` for `accounting.entry.post`.
   */
  readonly readBy?: string;
  /** It may widen what somebody may do, or lower a control over it: one rule of the tenant can hold all such commands. */
  readonly widens?: boolean;
  /**
   * The name of the step that waits in its place: the internal command that records what was done, of a command that takes or answers a secret or
   * needs the sign-in of who asks. What the command does before that step must mean nothing until the step is carried
   * out. Rules name the command; the step declares `approvable` itself, and tells summary, amount and persons.
   */
  readonly step?: string;
}
/** The permission to read what a command is about: who holds it where the command belongs may see a request for it. */
export const readingOf = ({ name, approvable }: Pick<CommandOperation, 'name' | 'approvable'>): string =>
  approvable?.readBy ?? `${name.slice(0, name.lastIndexOf('.'))}.read`;
export interface UndoDeclaration {
  readonly operation: () => CommandOperation;
  readonly input: (input: Record<string, unknown>, result: CommandResult) => Record<string, unknown>;
}

export interface QueryOperation<
  N extends string = string,
  I extends z.ZodObject = z.ZodObject,
  O extends z.ZodType = z.ZodType,
> extends Shared<N, I, O> {
  readonly kind: 'query';
  /** 'row' lists can be asked for as CSV; the name of the field in the output that holds the rows. */
  readonly rows: string | null;
  /** Answers what is now and knows no past: `known-at` is refused. So are all queries that are performed. */
  readonly currentOnly: boolean;
  /** Its rows have custom fields, as `custom`; it takes `customQuery`. */
  readonly custom: Customizable | null;
}

export type Operation = CommandOperation | QueryOperation;
export type InputOf<O extends Operation> = z.output<O['input']>;
/** What a caller writes: defaults may be left out. */
export type CallOf<O extends Operation> = z.input<O['input']>;
export type OutputOf<O extends Operation> = z.output<O['output']>;
/** The command a decider sees, from the operation's declaration. */
export type CommandOf<O extends CommandOperation> =
  O extends CommandOperation<infer N, infer I> ? { readonly name: N; readonly input: z.output<I> } : never;

export function command<const N extends string, I extends z.ZodObject, O extends z.ZodType = typeof commandResult>(
  name: N,
  declared: {
    title: string;
    description?: string;
    http: HttpRoute;
    permission?: string | null;
    says: string;
    input: I;
    output?: O;
    ifMatch?: 'none' | 'optional' | 'required';
    acceptsIdempotencyKey?: boolean;
    undo?: UndoDeclaration;
    scope?: Scope;
    sensitive?: boolean;
    delegated?: boolean;
    approvable?: ApprovableDeclaration;
    notBy?: NotBy;
    custom?: EntersCustom;
  },
): CommandOperation<N, I, O> {
  const { notBy = null } = declared;
  return {
    kind: 'command',
    name,
    title: declared.title,
    description: [declared.description, notBy && takesAnother[notBy]].filter(Boolean).join(' '),
    http: declared.http,
    permission: declared.permission === undefined ? name : declared.permission,
    says: declared.says,
    input: declared.input,
    output: (declared.output ?? commandResult) as O,
    ifMatch: declared.ifMatch ?? 'none',
    acceptsIdempotencyKey: declared.acceptsIdempotencyKey ?? true,
    undo: declared.undo ?? null,
    scope: declared.scope ?? scopeOf(declared.input),
    sensitive: declared.sensitive ?? false,
    delegated: declared.delegated ?? false,
    approvable: declared.approvable ?? null,
    notBy,
    custom: declared.custom ?? null,
  };
}
const takesAnother: Readonly<Record<NotBy, string>> = {
  creator: 'It takes somebody who did not create the record.',
  contributor: 'It takes somebody who neither created nor changed the record.',
};

export function query<const N extends string, I extends z.ZodObject, O extends z.ZodType>(
  name: N,
  declared: {
    title: string;
    description?: string;
    http: `GET /v1/${string}`;
    permission: string | null;
    input: I;
    output: O;
    rows?: string;
    currentOnly?: boolean;
    custom?: Customizable;
    scope?: Scope;
    sensitive?: boolean;
    delegated?: boolean;
  },
): QueryOperation<N, I, O> {
  return {
    kind: 'query',
    name,
    description: '',
    ...declared,
    rows: declared.rows ?? null,
    currentOnly: declared.currentOnly ?? false,
    custom: declared.custom ?? null,
    scope: declared.scope ?? scopeOf(declared.input),
    sensitive: declared.sensitive ?? false,
    delegated: declared.delegated ?? false,
  };
}

/** Bounds of every list: keyset pages, no counting by default. */
export const pageLimit = { default: 50, max: 200 } as const;
export const pageInput = {
  limit: z.int().min(1).max(pageLimit.max).default(pageLimit.default).describe('Rows a page, at most 200'),
  cursor: z.string().max(2000).optional().describe('The `next` or `previous` of an earlier page, unchanged'),
};
export const pageOf = <R extends z.ZodType>(row: R) =>
  z.object({ items: z.array(row), next: z.string().nullable(), previous: z.string().nullable().optional() });

/** What a report or list was read at: the same stamp gives the same bytes. */
export const stamp = z
  .object({
    trail: z.string().describe("The tenant's own running number of the last event considered"),
    position: z.string(),
    recordedAt: z.string().nullable(),
  })
  .meta({ id: 'Stamp' });
export type Stamp = z.infer<typeof stamp>;

/** `accountingEntryPost` for `accounting.entry.post`: the GraphQL field and the console's catalogue key. */
export const camelName = (name: string): string =>
  name.replace(/[.-](\w)/g, (_, letter: string) => letter.toUpperCase());
/** `AccountingEntryPost`: the GraphQL type prefix. */
export const pascalName = (name: string): string => {
  const camel = camelName(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
};
