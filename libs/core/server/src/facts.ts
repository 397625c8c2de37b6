import { type ByCommand, type Command, isRejection, type PublishedState, type Rejection } from '@daybook/kernel';
import type { Caller, EventReader, QueryContext } from './binding.js';

/*
 * Decision facts: what a command needs to know of other streams. They are declared by command, each with how far it can be
 * trusted, and read before the decision; a repeat is answered without them. Nothing here can write, because commands are
 * also rehearsed. Whatever its grade, a fact may be old when the events are appended: what must still hold then is a hold.
 */

/** What binding facts are read from: streams, with everything that was recorded before the question. */
export interface FactSources {
  readonly events: EventReader;
  /** A published state of the caller's tenant; without an id that of the tenant itself. */
  of<T>(published: PublishedState<T>, id?: string): Promise<T>;
}

/** What soft facts are read from: what is in memory already, and read models. Both may be a moment behind. */
export interface SoftFactSources extends FactSources {
  read<T>(work: (read: QueryContext) => Promise<T>): Promise<T>;
}

/** Opens the sources for one caller. */
export interface FactReader {
  binding(caller: Caller): FactSources;
  soft(caller: Caller): SoftFactSources;
}

/** The command that a fact is read for, and the state that it is decided on, which has locators of what is not part of it. */
export interface Asking<C extends Command, S> {
  readonly command: C;
  readonly input: C['input'];
  readonly state: S;
  readonly caller: Caller;
}

type Read<A, I, T> = (asking: A, injected: I) => T | Rejection | Promise<T | Rejection>;

/**
 * One fact, with its grade. A rejection in its place ends the command.
 * - `binding`: read from streams, true at the moment of the decision. Costs a round trip per stream.
 * - `soft`: for defaults, names and warnings; may be a moment behind.
 */
export type Fact<T, C extends Command, S, I> =
  | { readonly binding: Read<Asking<C, S> & FactSources, I, T> }
  | { readonly soft: Read<Asking<C, S> & SoftFactSources, I, T> };

/** The facts of one command: each on its own, or all from one question. */
type FactsOfOne<V, C extends Command, S, I> = Fact<V, C, S, I> | { readonly [K in keyof V]-?: Fact<V[K], C, S, I> };

/** The facts of a decider: by command, or the same for all its commands. */
export type FactsTable<F, C extends Command, S, I> = [F] extends [ByCommand<infer M>]
  ? { readonly [N in keyof M]: FactsOfOne<M[N], Extract<C, { name: N }>, S, I> }
  : FactsOfOne<F, C, S, I>;

type AnyFact = Fact<unknown, Command, unknown, unknown>;
type AnyFacts = AnyFact | Readonly<Record<string, AnyFact>>;

const grades = ['binding', 'soft'] as const;
const isFact = (facts: object): facts is AnyFact =>
  grades.some((grade) => typeof (facts as Readonly<Record<string, unknown>>)[grade] === 'function');

/** Reads the facts of a command; undefined for a command without any. */
export type ReadFacts = (asking: Asking<Command, unknown>, sources: FactReader, injected: unknown) => Promise<unknown>;

/** `commands` tells a table by command from one for all commands. */
export function factsReader(table: object | undefined, commands: readonly { readonly name: string }[]): ReadFacts {
  if (table === undefined) return async () => undefined;
  const byCommand = !isFact(table) && Object.keys(table).some((name) => commands.some((one) => one.name === name));
  return async (asking, sources, injected) => {
    const facts = byCommand ? (table as Readonly<Record<string, AnyFacts>>)[asking.command.name] : (table as AnyFacts);
    if (facts === undefined) return undefined;
    const read = (fact: AnyFact): unknown =>
      'soft' in fact
        ? fact.soft(beside(sources.soft(asking.caller), asking), injected)
        : fact.binding(beside(sources.binding(asking.caller), asking), injected);
    if (isFact(facts)) return read(facts);
    const names = Object.keys(facts);
    const values = await Promise.all(Object.values(facts).map(read));
    return values.find(isRejection) ?? Object.fromEntries(names.map((name, index) => [name, values[index]]));
  };
}

/** Sources are looked at only where a fact uses them, so that it can be told which facts need what is stored. */
const beside = <A extends object, B extends object>(sources: A, asking: B): A & B =>
  Object.assign(Object.create(sources) as A, asking);
