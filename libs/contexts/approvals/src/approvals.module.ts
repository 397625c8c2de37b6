import { ApprovalGate, context, decide, People } from '@daybook/server';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { contextModule } from '@daybook/server/nest/context.module';
import { provider } from '@daybook/server/nest/provider';
import { Global, Module } from '@nestjs/common';
import { actingIn } from './approval/acting.js';
import { Approvables } from './approval/approvables.js';
import { approvalDecider } from './approval/approval.decider.js';
import { approvalEvents } from './approval/approval.events.js';
import { approvalCommands, listApprovals } from './approval/approval.operations.js';
import { approvalProjection } from './approval/approval.projection.js';
import { approvalAnswers } from './approval/approval.queries.js';
import { approveBinding } from './approval/approve.js';
import { askedBy } from './approval/asked-by.js';
import { carryOutBinding } from './approval/carry-out.job.js';
import { changeBinding } from './approval/change.js';
import { RuledGate } from './approval/gate.js';
import { approvalStream } from './approval/standing.js';
import { approvalSteps } from './approval/steps.operations.js';
import { ruleDecider } from './rule/rule.decider.js';
import { anyWidening, ruleEvents } from './rule/rule.events.js';
import { listRules, ruleCommands } from './rule/rule.operations.js';
import { ruleProjection } from './rule/rule.projection.js';
import { ruleAnswers } from './rule/rule.queries.js';
import { RulesInForce, rulesStream } from './rule/rules-in-force.js';

const using = { approvables: Approvables } as const;

const rules = decide({
  operations: ruleCommands,
  decider: ruleDecider,
  events: ruleEvents,
  stream: (_, caller) => rulesStream(caller.tenant),
  inject: using,
  facts: async ({ input }, state, { tenant }, _parts, { approvables }) => {
    const given = 'operation' in input ? input.operation : undefined;
    const name = given ?? state.get(input.ruleId)?.facts?.operation ?? '';
    const roles = await approvables.people.rolesIn(tenant);
    if (name === anyWidening) return { approvable: { hasAmount: false }, roles };
    const found = approvables.commands.find((one) => one.name === name);
    return { approvable: found ? { hasAmount: found.approvable?.amount !== undefined } : null, roles };
  },
  // A rule that is set to what it is already stays as it is.
  mayChangeNothing: true,
});

/** Bound to the stream of one waiting command. */
const pending = (operations: typeof approvalCommands | typeof approvalSteps) =>
  decide({
    operations,
    decider: approvalDecider,
    events: approvalEvents,
    stream: (input: { approvalId: string }, caller) => approvalStream(caller.tenant, input.approvalId),
    inject: using,
    facts: (command, _state, caller, { events }, { approvables }) => actingIn(command, caller, events, approvables),
  });

/** Commands that wait for other persons, by rules of the tenant. */
export const approvals = context({
  name: 'approvals',
  title: 'Approvals',
  events: [...ruleEvents, ...approvalEvents],
  bindings: [rules, pending(approvalCommands), changeBinding, approveBinding, ...ruleAnswers, ...approvalAnswers],
  internal: [pending(approvalSteps)],
  projections: [ruleProjection, approvalProjection],
  channels: { approvals: listApprovals, 'approval-rules': listRules },
  jobs: [carryOutBinding()],
  personalData: askedBy,
});

/** Global, for every operation asks the gate, in whichever context it is. */
@Global()
@Module(
  contextModule(approvals, {
    providers: [
      RulesInForce,
      provider(
        Approvables,
        { bindings: Bindings, people: People, rules: RulesInForce },
        ({ bindings, people, rules: inForce }) => new Approvables(bindings, people, inForce),
      ),
      provider(
        ApprovalGate,
        { rules: RulesInForce, people: People },
        ({ rules: inForce, people }) => new RuledGate(inForce, people),
      ),
    ],
    exports: [ApprovalGate],
  }),
)
export class ApprovalsModule {}
