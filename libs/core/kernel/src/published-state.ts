import type { EventDeclaration, EventsOf, NewEvent } from './event.js';

/**
 * A small fold of the streams of one aggregate. A context publishes it in `index.ts` (`x.published.ts`), so that others
 * can use it as a decision fact without knowing its events. Pure, like `evolve` of a decider: a state never changes, each
 * event makes a new one.
 */
export interface PublishedState<S = unknown> {
  readonly name: string;
  /** The aggregate whose streams it folds: `identity.tenant`. */
  readonly aggregate: string;
  readonly initial: S;
  /** Names of the events that it folds; all others leave it as it is. */
  readonly events: ReadonlySet<string>;
  evolve(state: S, event: NewEvent, at: { readonly revision: number }): S;
}

export const publishedState = <S, const L extends readonly EventDeclaration[]>(
  name: string,
  declared: {
    of: string;
    events: L;
    initial: S;
    evolve: (state: S, event: EventsOf<L>, at: { readonly revision: number }) => S;
  },
): PublishedState<S> => ({
  name,
  aggregate: declared.of,
  initial: declared.initial,
  events: new Set(declared.events.map((event) => event.name)),
  evolve: (state, event, at) => declared.evolve(state, event as EventsOf<L>, at),
});
