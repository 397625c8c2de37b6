import { AsyncLocalStorage } from 'node:async_hooks';

/*
 * What holds for the whole of one query is asked once: a query changes nothing that it looks at afterwards. Rights, for one,
 * are asked for by the guard and again by whoever shows them.
 */
type Answers = Map<object, Map<string, Promise<unknown>>>;
const scope = new AsyncLocalStorage<Answers>();

export const inQueryScope = <T>(work: () => T): T => scope.run(new Map(), work);

/** The answer of `ask`, or the one that the same query got before under this key; outside a query it is asked each time. */
export function oncePerQuery<T>(of: object, key: string, ask: () => Promise<T>): Promise<T> {
  const answers = scope.getStore();
  if (!answers) return ask();
  const known = answers.get(of) ?? new Map<string, Promise<unknown>>();
  answers.set(of, known);
  const answer = (known.get(key) as Promise<T> | undefined) ?? ask();
  known.set(key, answer);
  return answer;
}
