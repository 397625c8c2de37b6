import type { Operation } from '@daybook/kernel';
import { type Context, context, decide } from '@daybook/server';
import { actingIn, type Surroundings } from './approval/acting.js';
import { approvalDecider } from './approval/approval.decider.js';
import { approvalEvents } from './approval/approval.events.js';
import { approvalCommands, listApprovals } from './approval/approval.operations.js';
import { approvalProjection } from './approval/approval.projection.js';
import { approvalAnswers } from './approval/approval.queries.js';
import { askedBy } from './approval/asked-by.js';
import { approveBinding } from './approval/approve.js';
import { changeBinding } from './approval/change.js';
import { carryOutBinding, type Patience } from './approval/carry-out.job.js';
import { approvalGate } from './approval/gate.js';
import { approvalStream } from './approval/standing.js';
import { approvalSteps } from './approval/steps.operations.js';
import type { People } from './people.js';
import { ruleDecider } from './rule/rule.decider.js';
import { anyWidening, ruleEvents } from './rule/rule.events.js';
import { listRules, ruleCommands } from './rule/rule.operations.js';
import { ruleProjection } from './rule/rule.projection.js';
import { approvablesIn, ruleAnswers } from './rule/rule.queries.js';
import { RulesInForce, rulesStream } from './rule/rules-in-force.js';

/**
 * Commands that wait for other persons, by rules of the tenant. `contexts` are those whose operations can wait; `people`
 * tells what who asked may still do, which roles there are, and who could approve in them.
 */
export function approvals(contexts: readonly Context[], people: People, patience?: Patience): Context {
  const { rightsOf } = people;
  const inContexts = (of: 'bindings' | 'internal'): readonly Operation[] =>
    contexts
      .flatMap((one) => one[of])
      .flatMap((binding): readonly Operation[] =>
        binding.kind === 'decide' ? binding.operations : [binding.operation],
      );
  const operations = [...inContexts('bindings'), ...ruleCommands];
  const named = new Map([...operations, ...inContexts('internal')].map((operation) => [operation.name, operation]));
  const operation = (name: string) => named.get(name);
  const approvables = new Map(approvablesIn(operations).map((one) => [one.name, one]));
  const steps = new Map(approvablesIn(operations).flatMap(({ name, approvable }) => approvable?.step ? [[approvable.step().name, name]] : [])); // prettier-ignore
  const ruledAs = (name: string) => steps.get(name) ?? name;
  const rules = new RulesInForce();
  const around: Surroundings = { people, rules, operation, ruledAs };

  const pending = {
    decider: approvalDecider,
    events: approvalEvents,
    stream: (input: { approvalId: string }, caller: { tenant: string }) =>
      approvalStream(caller.tenant, input.approvalId),
    facts: (...[command, , caller, { events }]: FactsArguments) => actingIn(command, caller, events, around),
  };
  return context({
    name: 'approvals',
    title: 'Approvals',
    events: [...ruleEvents, ...approvalEvents],
    bindings: [
      decide({
        operations: ruleCommands,
        decider: ruleDecider,
        events: ruleEvents,
        stream: (_, caller) => rulesStream(caller.tenant),
        facts: async ({ input }, state, { tenant }) => {
          const given = 'operation' in input ? input.operation : undefined;
          const name = given ?? state.get(input.ruleId)?.facts?.operation ?? '';
          const roles = await people.rolesIn(tenant);
          if (name === anyWidening) return { approvable: { hasAmount: false }, roles };
          const found = approvables.get(name);
          return { approvable: found ? { hasAmount: found.approvable?.amount !== undefined } : null, roles };
        },
        // A rule that is set to what it is already stays as it is.
        mayChangeNothing: true,
      }),
      decide({ ...pending, operations: approvalCommands }),
      changeBinding(around),
      approveBinding(around),
      ...ruleAnswers(() => operations, people),
      ...approvalAnswers(people, operation, (name) => ruledAs(name) === name),
    ],
    internal: [decide({ ...pending, operations: approvalSteps })],
    projections: [ruleProjection, approvalProjection],
    views: { approvals: listApprovals, 'approval-rules': listRules },
    jobs: [carryOutBinding(rightsOf, patience)],
    gate: approvalGate(rules, people),
    personalData: askedBy,
  });
}
type Decided = Parameters<typeof approvalDecider.decide>;
type FactsArguments = [
  command: Decided[0],
  state: Decided[1],
  caller: Parameters<typeof actingIn>[1],
  parts: { readonly events: Parameters<typeof actingIn>[2] },
];
