import type { SodRule, TenantState } from '../tenant/tenant.state.js';

/*
 * Which two permissions do not belong in one hand, unless a tenant says otherwise. Those of one document may be held
 * together and never used on the same one; the others may not even be held, without a word on what makes up for it.
 */
const review = 'A second person reviews each month what was posted, from the audit trail.';

const defaults: readonly SodRule[] = [
  {
    ruleId: 'post-and-approve',
    first: 'accounting.entry.post',
    second: 'approvals.command.approve',
    risk: 'Who posts an entry approves it himself.',
    mitigation: null,
    onDocument: true,
  },
  {
    ruleId: 'import-and-approve',
    first: 'accounting.import.post',
    second: 'approvals.command.approve',
    risk: 'Who imports entries approves them himself.',
    mitigation: null,
    onDocument: true,
  },
  {
    ruleId: 'give-and-post',
    first: 'identity.grant.give',
    second: 'accounting.entry.post',
    risk: 'Who gives rights could make himself an accomplice and post what nobody checks.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'give-and-import',
    first: 'identity.grant.give',
    second: 'accounting.import.post',
    risk: 'Who gives rights could bring whole books in past everybody else.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'roles-and-post',
    first: 'identity.role.change',
    second: 'accounting.entry.post',
    risk: 'Who says what roles allow could take the checks on his own postings away.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'roles-and-import',
    first: 'identity.role.change',
    second: 'accounting.import.post',
    risk: 'Who says what roles allow could take the checks on his own imports away.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'approval-rules-and-post',
    first: 'approvals.rule.set',
    second: 'accounting.entry.post',
    risk: 'Who says what needs a second person could post without one.',
    mitigation: review,
    onDocument: false,
  },
];

export const builtInSodRules: ReadonlyMap<string, SodRule> = new Map(defaults.map((rule) => [rule.ruleId, rule]));

/** The rules that hold in a tenant: those of the program, as the tenant has changed them, and its own. */
export function sodRulesIn({ sodRules }: Pick<TenantState, 'sodRules'>): SodRule[] {
  const own = [...sodRules.values()].flatMap(({ rule }) => rule ?? []);
  return [...defaults.filter(({ ruleId }) => !sodRules.has(ruleId)), ...own];
}
