import { accept, checkVersion, type EventsOf, reject, withKey } from '@daybook/kernel';
import { sodRuleRemoved, sodRuleSet, type sodRuleEvents } from '../segregation-of-duties/sod-rule.events.js';
import type { sodRuleCommands } from '../segregation-of-duties/sod-rule.operations.js';
import { alreadyViolated } from '../segregation-of-duties/sod-violated.js';
import { sodRulesIn, builtInSodRules } from '../segregation-of-duties/sod-rules.js';
import { isMitigated, sodViolationsIn } from '../segregation-of-duties/sod-violations.js';
import { type SodRule, type TenantFolds, notFound, type TenantRules, type TenantState } from './tenant.state.js';

/*
 * Rules of segregation of duties. A built-in rule has version 0. A rule cannot be set while existing grants violate it
 * without a compensating control. A mitigation answers the rules of the day the grant was given, not a rule set later.
 */
export const sodRuleRules: TenantRules<typeof sodRuleCommands> = {
  'identity.sod-rule.set': ({ ruleId, ...patch }, state, context, facts) => {
    const version = state.sodRules.get(ruleId)?.version ?? 0;
    const stale = checkVersion(context, version);
    if (stale) return stale;
    const known = ruleOf(state, ruleId);
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
    const input = { ruleId, first, second, risk, mitigation, onDocument };
    if (input.first === input.second) {
      return reject('identity.sod-rule-invalid', 'The two permissions are the same. Name two different ones.');
    }
    const unknown = (['first', 'second'] as const).filter((side) => !facts.declared.permissions.includes(input[side]));
    if (unknown.length > 0) {
      const errors = unknown.map((side) => ({
        pointer: `/${side}`,
        code: 'identity.permission-not-found',
        message: `There is no permission ${input[side]}. Choose one from the list of permissions.`,
      }));
      return reject('identity.permission-not-found', errors[0]?.message ?? '', { errors });
    }
    const set = sodRuleSet.of(input);
    const after = sodRuleFolds['identity.sod-rule-set'](state, set.data);
    const answered = forbidsTheSame(known, set.data);
    const broken = sodViolationsIn(after, facts.declared, context.now.slice(0, 10)).filter(
      (one) => one.rule.ruleId === ruleId && !(answered && isMitigated(one)),
    );
    return broken.length > 0 ? alreadyViolated(broken, after) : accept(ruleId, version + 1, set);
  },

  'identity.sod-rule.remove': ({ ruleId }, state) => {
    const own = state.sodRules.get(ruleId);
    const known = own ? own.rule !== null : builtInSodRules.has(ruleId);
    return known
      ? accept(ruleId, (own?.version ?? 0) + 1, sodRuleRemoved.of({ ruleId }))
      : notFound('segregation of duties rule', 'identity.sod-rule-not-found');
  },
};

const missing = (fields: readonly string[]) =>
  reject('identity.sod-rule-incomplete', `A new rule also needs: ${fields.join(', ')}.`, {
    status: 400,
    errors: fields.map((field) => ({ pointer: `/${field}`, code: 'required', message: 'This is required.' })),
  });

const ruleOf = (state: TenantState, ruleId: string) => sodRulesIn(state).find((rule) => rule.ruleId === ruleId);

/** The rule already forbade holding these two, so a mitigation given since then was given for it. */
const forbidsTheSame = (before: SodRule | undefined, now: SodRule): boolean =>
  before !== undefined &&
  !before.onDocument &&
  [before.first, before.second].every((permission) => permission === now.first || permission === now.second);

export const sodRuleFolds: TenantFolds<EventsOf<typeof sodRuleEvents>> = {
  'identity.sod-rule-set': (state, rule) => withRule(state, rule.ruleId, rule),
  'identity.sod-rule-removed': (state, { ruleId }) => withRule(state, ruleId, null),
};
const withRule = (
  state: TenantState,
  ruleId: string,
  rule: ReturnType<typeof sodRuleSet.of>['data'] | null,
): TenantState => ({
  ...state,
  sodRules: withKey(state.sodRules, ruleId, {
    rule,
    version: (state.sodRules.get(ruleId)?.version ?? 0) + 1,
  }),
});
