import * as z from 'zod';
import type { Erased } from './erased.js';

/** Who acted. `id` is that of the person, API key or job, or the name of the process or of a part of the system. */
export const actorSchema = z.object({
  kind: z.enum(['person', 'api-key', 'job', 'process', 'system']),
  id: z.string(),
});
export type Actor = z.infer<typeof actorSchema>;

export type Channel = 'console' | 'rest' | 'graphql' | 'command-line' | 'import' | 'system';

/** The record an event is about. */
export interface RecordRef {
  readonly type: string;
  readonly id: string;
}

/** Set in one place, by the command executor. */
export interface EventMeta {
  readonly tenant: string;
  readonly actor: Actor;
  /** The person whose rights were used, when somebody else or an API key (`actor`) acts for them. */
  readonly onBehalfOf?: Actor;
  /** The operation that caused the event; the sentence of the trail comes from its declaration. */
  readonly operation: string;
  readonly commandId: string;
  /** Place of the event among the events of its command, and how many there are: a repeated command is answered from them. */
  readonly index: number;
  readonly count: number;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly channel: Channel;
  /** Network address of the caller. That of a person is sealed in the log, and null once the person is erased. */
  readonly address: string | null;
  readonly reason: string | null;
  readonly inputHmac: string;
  /** With the version of the record after the event (the ETag). */
  readonly record: RecordRef & { readonly version: number };
  /** The company that the event belongs to; absent for one of the whole tenant. From the event's declaration. */
  readonly companyId?: string;
  /** Another record that it tells of: who does not see that sees neither. From the event's declaration. */
  readonly about?: RecordRef;
  /** Names of the holds in other streams that the command uses, on its first event; absent where there are none. */
  readonly holds?: readonly string[];
  /** What the command answered, on its last event, when that is not the record of this event. */
  readonly answer?: { readonly id: string; readonly version: number };
  /** What the event does to read models that do not handle it; absent when nothing. Set by the catalogue. */
  readonly effect?: EventEffect;
}

/**
 * What an event does to read models that do not handle its type. It is stored with the event, so that a program of another
 * version, which does not know the type, can act on it.
 */
export interface EventEffect {
  /** It has no effect until another event applies it. */
  readonly staged?: true;
  /** Staged events of another stream take effect with it. */
  readonly applies?: true;
  /** The subject whose personal data the engine must empty. */
  readonly erases?: string;
}

/** An event as read from its stream. */
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

/** What a decider returns. The command executor adds the rest. */
export interface NewEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}

export interface EventDeclaration<T extends string = string, S extends z.ZodType = z.ZodType> {
  readonly kind: 'event';
  /** `accounting.entry-posted`; in the log `accounting.entry-posted.v1`. */
  readonly name: T;
  readonly version: number;
  readonly data: S;
  readonly record: Erased<(data: z.infer<S>) => RecordRef>;
  /** The company that it belongs to, for `meta`: who has rights in single companies sees the events of these. */
  readonly company: Erased<(data: z.infer<S>) => string | null>;
  /** The record that it tells of besides its own, for `meta`: who does not see that record sees no such event. */
  readonly about: Erased<(data: z.infer<S>) => RecordRef | null>;
  /** Staged events have no effect until an event that `applies` their stream is recorded. */
  readonly staged: boolean;
  /** The stream whose staged events take effect at this event's position. */
  readonly applies: Erased<(data: z.infer<S>) => { stream: string; count: number }> | null;
  /**
   * The subject to erase: the engine empties the personal fields in the subject's rows, in current and history tables of the
   * tenant. The process that appends the event destroys the key.
   */
  readonly erases: Erased<(data: z.infer<S>) => string> | null;
  /** Makes an event with typed data. */
  of(data: z.infer<S>): NewEvent<T, z.infer<S>>;
}

const ofTenant = (): null => null;
const companyIn = (data: unknown): string | null => {
  const named = typeof data === 'object' && data !== null && 'companyId' in data ? data.companyId : null;
  return typeof named === 'string' ? named : null;
};

const aboutIn = (data: unknown): RecordRef | null => {
  if (typeof data !== 'object' || data === null || !('recordType' in data && 'recordId' in data)) return null;
  const { recordType: type, recordId: id } = data;
  return typeof type === 'string' && typeof id === 'string' ? { type, id } : null;
};

export function event<const T extends string, S extends z.ZodType>(
  name: T,
  declared: {
    version?: number;
    data: S;
    record: (data: z.infer<S>) => RecordRef;
    /** By default `companyId` of its data; `null` for an event of the tenant, though it names a company. */
    company?: ((data: z.infer<S>) => string | null) | null;
    /** By default `recordType` and `recordId` of its data, where it has both. */
    about?: (data: z.infer<S>) => RecordRef | null;
    staged?: boolean;
    applies?: (data: z.infer<S>) => { stream: string; count: number };
    erases?: (data: z.infer<S>) => string;
  },
): EventDeclaration<T, S> {
  // A staged event has no effect yet, and an erasure takes effect at once.
  if (declared.staged && declared.erases) throw new Error(`${name} cannot be staged and erase a subject.`);
  return {
    kind: 'event',
    name,
    version: declared.version ?? 1,
    data: declared.data,
    record: declared.record,
    company: declared.company ?? (declared.company === null ? ofTenant : companyIn),
    about: declared.about ?? aboutIn,
    staged: declared.staged ?? false,
    applies: declared.applies ?? null,
    erases: declared.erases ?? null,
    of: (data) => ({ type: name, data }),
  };
}

export type EventOf<E extends EventDeclaration> =
  E extends EventDeclaration<infer T, infer S> ? NewEvent<T, z.infer<S>> : never;
/** The union of an aggregate's events, from its list of declarations. */
export type EventsOf<L extends readonly EventDeclaration[]> = EventOf<L[number]>;
/** A declaration's event as recorded. */
export type Recorded<E extends EventDeclaration> =
  E extends EventDeclaration<infer T, infer S> ? RecordedEvent<T, z.infer<S>> : never;

/** Is it one of these events? Its type says so; the event store reads each type as it is declared. */
export const isEventOf = <const L extends readonly EventDeclaration[]>(
  declared: L,
  event: RecordedEvent,
): event is RecordedEvent & EventsOf<L> => declared.some(({ name }) => name === event.type);
