import { type ByCommand, type Command, isRejection, type PublishedState, type Rejection } from '@daybook/kernel';
import type { Caller, EventReader, QueryContext } from './binding.js';
import type { HoldOn } from './hold/granting.js';

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

/** What soft facts are read from: what is in memory, up to ten seconds behind, and read models, as far behind as they are. */
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
  /** The time of the decision. */
  readonly now: string;
}

type Read<A, I, T> = (asking: A, injected: I) => T | Rejection | Promise<T | Rejection>;

/**
 * One fact, with its grade. A rejection in its place ends the command.
 * - `binding`: read from streams, true at the moment of the decision. Costs a round trip per stream.
 * - `soft`: for defaults, names and warnings; up to ten seconds behind, or as a read model is.
 * - `held`: granted by another stream, and still granted when the events are appended (docs/adr/0043). The command is first
 *   decided with a provisional value, and takes the hold once it is accepted.
 */
export type Fact<T, C extends Command, S, I> = FactThatIsRead<T, C, S, I> | HeldFact<T, C, S, I>;
type FactThatIsRead<T, C extends Command, S, I> =
  | { readonly binding: Read<Asking<C, S> & FactSources, I, T> }
  | { readonly soft: Read<Asking<C, S> & SoftFactSources, I, T> };
interface HeldFact<T, C extends Command, S, I> {
  readonly held: (asking: Asking<C, S>, injected: I) => HoldOn<T>;
}

/** The facts of one command: each on its own, or all from one question. */
type FactsOfOne<V, C extends Command, S, I> =
  FactThatIsRead<V, C, S, I> | { readonly [K in keyof V]-?: Fact<V[K], C, S, I> };

/** The facts of a decider: by command, or the same for all its commands. */
export type FactsTable<F, C extends Command, S, I> = [F] extends [ByCommand<infer M>]
  ? { readonly [N in keyof M]: FactsOfOne<M[N], Extract<C, { name: N }>, S, I> }
  : FactsOfOne<F, C, S, I>;

type AnyFact = Fact<unknown, Command, unknown, unknown>;
type FactsByName = Readonly<Record<string, AnyFact>>;
type AnyFacts = AnyFact | FactsByName;

const grades = ['binding', 'soft', 'held'];
const isFact = (facts: object): facts is AnyFact =>
  grades.some((grade) => typeof (facts as Readonly<Record<string, unknown>>)[grade] === 'function');

/** How the facts of a binding are read, and what its commands hold in other streams. */
export interface DeclaredFacts {
  /** The values for one command, provisional ones for what is held; undefined for a command without facts. */
  facts(asking: Asking<Command, unknown>, sources: FactReader, injected: unknown): Promise<unknown>;
  /** What the command asks to be held, by the name of its fact. */
  holds(asking: Asking<Command, unknown>, injected: unknown): Readonly<Record<string, HoldOn<unknown>>>;
  hasHolds(command: Command): boolean;
}

/** `commands` tells a table by command from one for all commands. */
export function declaredFacts(
  table: object | undefined,
  commands: readonly { readonly name: string }[],
): DeclaredFacts {
  const isByCommand = Object.keys(table ?? {}).some((key) => commands.some(({ name }) => name === key));
  const factsOf = ({ name }: Command): AnyFacts | undefined =>
    isByCommand ? (table as Readonly<Record<string, AnyFacts>>)[name] : (table as AnyFacts | undefined);
  return {
    facts: async (asking, sources, injected) => {
      const facts = factsOf(asking.command);
      if (facts === undefined) return undefined;
      const read = (fact: AnyFact): unknown => {
        if ('held' in fact) return fact.held(asking, injected).provisional;
        return 'soft' in fact
          ? fact.soft({ ...asking, ...sources.soft(asking.caller) }, injected)
          : fact.binding({ ...asking, ...sources.binding(asking.caller) }, injected);
      };
      if (isFact(facts)) return read(facts);
      const values = await Promise.all(Object.values(facts).map(read));
      const names = Object.keys(facts);
      return values.find(isRejection) ?? Object.fromEntries(names.map((name, index) => [name, values[index]]));
    },
    holds: (asking, injected) =>
      Object.fromEntries(heldIn(factsOf(asking.command)).map(([name, { held }]) => [name, held(asking, injected)])),
    hasHolds: (command) => heldIn(factsOf(command)).length > 0,
  };
}

type AnyHeld = HeldFact<unknown, Command, unknown, unknown>;
const heldIn = (facts: AnyFacts = {}): [string, AnyHeld][] =>
  isFact(facts) ? [] : Object.entries(facts).filter((entry): entry is [string, AnyHeld] => 'held' in entry[1]);
