import { accept, checkVersion, type EventsOf, reject } from '@daybook/kernel';
import { conflictRemoved, conflictSet, type conflictEvents } from '../conflict/conflict.events.js';
import type { conflictCommands } from '../conflict/conflict.operations.js';
import { alreadyBroken } from '../conflict/duties-conflict.js';
import { conflictRulesIn, defaultConflicts } from '../conflict/rules.js';
import { isMitigated, violationsIn } from '../conflict/violations.js';
import { type ConflictRule, type FoldsOf, notHere, type RulesOf, type TenantState, withKey } from './tenant.state.js';

/*
 * Conflict rules. The first version of a rule is that of the program, 0. A rule is not set while somebody breaks it with
 * nothing said to make up for it: then it would say something that is not so. What was said when a grant was given is said of
 * the rules of that day: it makes up for nothing that a rule set later forbids.
 */
export const conflictRules: RulesOf<typeof conflictCommands> = {
  'identity.conflict.set': ({ conflictId, ...patch }, state, context, facts) => {
    const version = state.conflicts.get(conflictId)?.version ?? 0;
    const stale = checkVersion(context, version);
    if (stale) return stale;
    const known = ruleOf(state, conflictId);
    const [first, second, risk] = [
      patch.first ?? known?.first,
      patch.second ?? known?.second,
      patch.risk ?? known?.risk,
    ];
    if (first === undefined || second === undefined || risk === undefined) {
      return missing(
        Object.entries({ first, second, risk }).flatMap(([field, value]) => (value === undefined ? [field] : [])),
      );
    }
    const mitigation = patch.mitigation === undefined ? (known?.mitigation ?? null) : patch.mitigation;
    const onDocument = patch.onDocument ?? known?.onDocument ?? false;
    const input = { conflictId, first, second, risk, mitigation, onDocument };
    if (input.first === input.second) {
      return reject('identity.conflict-with-itself', 'A permission does not conflict with itself. Name two.');
    }
    const unknown = (['first', 'second'] as const).filter((side) => !facts.declared.includes(input[side]));
    if (unknown.length > 0) {
      const errors = unknown.map((side) => ({
        pointer: `/${side}`,
        code: 'identity.permission-unknown',
        message: `There is no permission ${input[side]}. See the list of permissions.`,
      }));
      return reject('identity.permission-unknown', errors[0]?.message ?? '', { errors });
    }
    const set = conflictSet.of(input);
    const after = conflictFolds['identity.conflict-set'](state, set.data);
    const answered = forbidsTheSame(known, set.data);
    const broken = violationsIn(after, facts.declared, context.now.slice(0, 10)).filter(
      (one) => one.rule.conflictId === conflictId && !(answered && isMitigated(one)),
    );
    return broken.length > 0 ? alreadyBroken(broken, after) : accept(conflictId, version + 1, set);
  },

  'identity.conflict.remove': ({ conflictId }, state) => {
    const own = state.conflicts.get(conflictId);
    const known = own ? own.rule !== null : defaultConflicts.has(conflictId);
    return known
      ? accept(conflictId, (own?.version ?? 0) + 1, conflictRemoved.of({ conflictId }))
      : notHere('conflict rule', 'identity.conflict-missing');
  },
};

const missing = (fields: readonly string[]) =>
  reject('identity.conflict-incomplete', `A new conflict rule also needs: ${fields.join(', ')}.`, {
    status: 400,
    errors: fields.map((field) => ({ pointer: `/${field}`, code: 'required', message: 'This is required.' })),
  });

const ruleOf = (state: TenantState, conflictId: string) =>
  conflictRulesIn(state).find((rule) => rule.conflictId === conflictId);

/** The rule forbade holding these two before, so what was said since was said of it. */
const forbidsTheSame = (before: ConflictRule | undefined, now: ConflictRule): boolean =>
  before !== undefined &&
  !before.onDocument &&
  [before.first, before.second].every((permission) => permission === now.first || permission === now.second);

export const conflictFolds: FoldsOf<EventsOf<typeof conflictEvents>> = {
  'identity.conflict-set': (state, rule) => withRule(state, rule.conflictId, rule),
  'identity.conflict-removed': (state, { conflictId }) => withRule(state, conflictId, null),
};
const withRule = (
  state: TenantState,
  conflictId: string,
  rule: ReturnType<typeof conflictSet.of>['data'] | null,
): TenantState => ({
  ...state,
  conflicts: withKey(state.conflicts, conflictId, {
    rule,
    version: (state.conflicts.get(conflictId)?.version ?? 0) + 1,
  }),
});
