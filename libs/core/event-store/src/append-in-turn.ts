import type { AppendOutcome, ExpectedRevision, GroupOutcome } from './port.js';

/** `appendGroup` as single appends, until one is not appended. */
export async function appendInTurn<A>(
  expected: ExpectedRevision,
  appends: readonly A[],
  append: (expected: ExpectedRevision, one: A) => Promise<GroupOutcome>,
): Promise<GroupOutcome[]> {
  const outcomes: GroupOutcome[] = [];
  let next: ExpectedRevision | null = expected;
  for (const one of appends) {
    const outcome: GroupOutcome =
      next === null
        ? { kind: 'skipped' }
        : await append(next, one).catch((error: unknown) => ({ kind: 'failed', error }));
    next = isNew(outcome) ? outcome.revision : null;
    outcomes.push(outcome);
  }
  return outcomes;
}

type Appended = Extract<AppendOutcome, { kind: 'appended' }>;
/** Was it appended now, and is not a repeat? */
export const isNew = (outcome: GroupOutcome): outcome is Appended & { readonly repeated: false } =>
  outcome.kind === 'appended' && !outcome.repeated;

/** The outcome of a group of one; throws its error if it failed. */
export function onlyOutcome([outcome]: readonly GroupOutcome[]): AppendOutcome {
  if (!outcome || outcome.kind === 'skipped') throw new Error('A group of one append has one outcome.');
  if (outcome.kind === 'failed') throw outcome.error;
  return outcome;
}
