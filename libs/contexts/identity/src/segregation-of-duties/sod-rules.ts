import type { SodRule, TenantState } from '../tenant/tenant.state.js';

/*
 * The built-in rules of segregation of duties; a tenant may change them. A rule with `onDocument` lets one person hold
 * both permissions, but not use them on the same document. Every other rule forbids holding both, unless a compensating
 * control is named.
 */
const review = 'A second person reviews the postings of each month in the audit trail.';

const defaults: readonly SodRule[] = [
  {
    ruleId: 'post-and-approve',
    first: 'accounting.entry.post',
    second: 'approvals.request.approve',
    risk: 'A person who posts an entry could approve it themselves.',
    mitigation: null,
    onDocument: true,
  },
  {
    ruleId: 'import-and-approve',
    first: 'accounting.import.post',
    second: 'approvals.request.approve',
    risk: 'A person who imports entries could approve them themselves.',
    mitigation: null,
    onDocument: true,
  },
  {
    ruleId: 'give-and-post',
    first: 'identity.grant.give',
    second: 'accounting.entry.post',
    risk: 'A person who gives roles could set up an accomplice and post entries that nobody checks.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'give-and-import',
    first: 'identity.grant.give',
    second: 'accounting.import.post',
    risk: 'A person who gives roles could import whole books that nobody checks.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'roles-and-post',
    first: 'identity.role.change',
    second: 'accounting.entry.post',
    risk: 'A person who changes roles could remove the checks on their own postings.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'roles-and-import',
    first: 'identity.role.change',
    second: 'accounting.import.post',
    risk: 'A person who changes roles could remove the checks on their own imports.',
    mitigation: review,
    onDocument: false,
  },
  {
    ruleId: 'approval-rules-and-post',
    first: 'approvals.rule.set',
    second: 'accounting.entry.post',
    risk: 'A person who sets approval rules could post without a second person.',
    mitigation: review,
    onDocument: false,
  },
];

export const builtInSodRules: ReadonlyMap<string, SodRule> = new Map(defaults.map((rule) => [rule.ruleId, rule]));

/** The rules of a tenant: the built-in ones, as the tenant changed them, and its own. */
export function sodRulesIn({ sodRules }: Pick<TenantState, 'sodRules'>): SodRule[] {
  const own = [...sodRules.values()].flatMap(({ rule }) => rule ?? []);
  return [...defaults.filter(({ ruleId }) => !sodRules.has(ruleId)), ...own];
}
