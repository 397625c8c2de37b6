import * as z from 'zod';

/** Who acted. `id` is the person, the key, the job or the name of the system part. */
export const actorSchema = z.object({
  kind: z.enum(['person', 'key', 'job', 'system']),
  id: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

export type Channel = 'console' | 'rest' | 'graphql' | 'command-line' | 'import' | 'system';

/** The record an event speaks of, with the record's own version after it (the ETag). */
export interface RecordRef {
  readonly type: string;
  readonly id: string;
}

/** Filled in one place, by the command handler. */
export interface EventMeta {
  readonly tenant: string;
  readonly actor: Actor;
  /** A delegate who acts for a person with his consent, or his own key: `actor` did it, this is whose rights were used. */
  readonly onBehalfOf?: Actor;
  /** Name of the operation that caused the event; the audit sentence is derived from it. */
  readonly operation: string;
  readonly commandId: string;
  /** How many events the command appended, and which of them this is: a repeat is answered from it. */
  readonly index: number;
  readonly count: number;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly channel: Channel;
  /** Network address of the caller. A person's is sealed in the log, and null once he is erased. */
  readonly address: string | null;
  readonly reason: string | null;
  readonly inputHmac: string;
  readonly record: RecordRef & { readonly version: number };
  /** On the last event of a command whose answer is about another record than this event: what was answered. */
  readonly answer?: { readonly id: string; readonly version: number };
  /** What the event's type does besides being handled; absent for nothing. Filled by the catalogue. */
  readonly effect?: EventEffect;
}

/**
 * What a type does to read models that do not handle it, written beside the event so that a program which does not know the
 * type can tell: all others that do not handle it need not care.
 */
export interface EventEffect {
  /** It counts for nothing until it is applied. */
  readonly staged?: true;
  /** Staged events of another stream take effect with it. */
  readonly applies?: true;
  /** The subject whose personal data it lets the engine empty. */
  readonly erases?: string;
}

/** An event as its stream holds it. Positions are opaque ordered int64 as text. */
export interface RecordedEvent<T extends string = string, D = unknown> {
  readonly id: string;
  readonly type: T;
  readonly version: number;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly recordedAt: string;
  readonly data: D;
  readonly meta: EventMeta;
}

/** What a decider answers: type and data; envelope and meta are added by the handler. */
export interface NewEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}

export interface EventDeclaration<T extends string = string, S extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  /** `accounting.entry-posted`; on the wire `accounting.entry-posted.v1`. */
  readonly name: T;
  readonly version: number;
  readonly data: S;
  /** The record the event speaks of. */
  readonly record: (data: unknown) => RecordRef;
  /** Staged events count for nothing until an event that `applies` their stream is recorded. */
  readonly staged: boolean;
  /** The stream whose staged events take effect at this event's position. */
  readonly applies: ((data: unknown) => { stream: string; count: number }) | null;
  /**
   * The subject whose personal data is forgotten: on this event the engine empties the personal fields of the subject's
   * rows, in present and past tables of the tenant. The key itself is destroyed by whoever appends the event.
   */
  readonly erases: ((data: unknown) => string) | null;
  /** Makes the event; the type of `data` is checked where it is made. */
  readonly of: (data: z.infer<S>) => NewEvent<T, z.infer<S>>;
}

/** What a declaration asks of its own data, for those who have events of many types: the name says that the data is its. */
const ofOwn =
  <D, R>(ask: (data: D) => R) =>
  (data: unknown): R =>
    ask(data as D);

export function event<const T extends string, S extends z.ZodType>(
  name: T,
  declared: {
    version?: number;
    data: S;
    record: (data: z.infer<S>) => RecordRef;
    staged?: boolean;
    applies?: (data: z.infer<S>) => { stream: string; count: number };
    erases?: (data: z.infer<S>) => string;
  },
): EventDeclaration<T, S> {
  // What is staged counts for nothing yet; a subject is erased at once.
  if (declared.staged && declared.erases) throw new Error(`${name} cannot be staged and erase a subject.`);
  return {
    kind: 'event',
    name,
    version: declared.version ?? 1,
    data: declared.data,
    record: ofOwn(declared.record),
    staged: declared.staged ?? false,
    applies: declared.applies ? ofOwn(declared.applies) : null,
    erases: declared.erases ? ofOwn(declared.erases) : null,
    of: (data) => ({ type: name, data }),
  };
}

export type EventOf<E extends EventDeclaration> =
  E extends EventDeclaration<infer T, infer S> ? NewEvent<T, z.infer<S>> : never;
/** The discriminated union of an aggregate's events, from its list of declarations. */
export type EventsOf<L extends readonly EventDeclaration[]> = EventOf<L[number]>;
/** The recorded form of one declaration's event. */
export type Recorded<E extends EventDeclaration> =
  E extends EventDeclaration<infer T, infer S> ? RecordedEvent<T, z.infer<S>> : never;
