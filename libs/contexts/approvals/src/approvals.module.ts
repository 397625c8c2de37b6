import { roleNames } from '@daybook/identity';
import { ApprovalGate, contextOf, decide, ENTITY_MANAGER, LOGGER, People, StateCache } from '@daybook/server';
import { AfterResponseQueue } from '@daybook/server/after-response';
import { Bindings } from '@daybook/server/dispatch/bindings';
import { contextModule } from '@daybook/server/nest/context.module';
import { JobCommands } from '@daybook/server/nest/job-commands';
import { PeriodicTasks } from '@daybook/server/nest/periodic-tasks';
import { provider } from '@daybook/server/nest/provider';
import { Global, Module } from '@nestjs/common';
import { approvals as face } from './index.js';
import { approverContextOf } from './request/approver-context.js';
import { Approvables } from './request/approvables.js';
import { requestDecider } from './request/request.decider.js';
import { requestEvents } from './request/request.events.js';
import { requestCommands, listApprovalRequests } from './request/request.operations.js';
import { requestProjection } from './request/request.projection.js';
import { requestAnswers } from './request/request.queries.js';
import { approveBinding } from './request/approve.js';
import { requestPersonalData } from './request/request.personal-data.js';
import { changeBinding } from './request/change.js';
import { RuleApprovalGate } from './request/gate.js';
import { PendingExecutionEntity } from './request/pending-execution.entity.js';
import { PendingExecutions } from './request/pending-executions.js';
import { requestStream } from './request/load-request.js';
import { internalRequestCommands } from './request/request.internal.js';
import { ruleDecider } from './rule/rule.decider.js';
import { anyWidening, ruleEvents } from './rule/rule.events.js';
import { listRules, ruleCommands } from './rule/rule.operations.js';
import { ruleProjection } from './rule/rule.projection.js';
import { ruleAnswers } from './rule/rule.queries.js';
import { RulesInForce, rulesInForce, rulesStream } from './rule/rules-in-force.js';

const using = { approvables: Approvables } as const;

const rules = decide({
  operations: ruleCommands,
  decider: ruleDecider,
  events: ruleEvents,
  stream: (_, caller) => rulesStream(caller.tenant),
  inject: using,
  facts: {
    approvable: {
      binding: ({ input, state }, { approvables }) => {
        const given = 'operation' in input ? input.operation : undefined;
        const name = given ?? state.get(input.ruleId)?.data?.operation ?? '';
        if (name === anyWidening) return { hasAmount: false };
        const found = approvables.commands.find((one) => one.name === name);
        return found ? { hasAmount: found.approvable?.amount !== undefined } : null;
      },
    },
    roles: { binding: ({ of }) => of(roleNames) },
  },
  // A rule that is set to what it is already stays as it is.
  mayChangeNothing: true,
});

/** Bound to the stream of one approval request. */
const requestBinding = (operations: typeof requestCommands | typeof internalRequestCommands) =>
  decide({
    operations,
    decider: requestDecider,
    events: requestEvents,
    stream: (input: { requestId: string }, caller) => requestStream(caller.tenant, input.requestId),
    inject: using,
    facts: {
      // Soft for the row of a record, which a read model has.
      soft: ({ command, caller, state, events, read }, { approvables }) =>
        approverContextOf(command, caller, { state, events, read }, approvables),
    },
  });

/** Commands that wait for other persons, by rules of the tenant. */
export const approvals = contextOf(face, [], {
  events: [...ruleEvents, ...requestEvents],
  bindings: [rules, requestBinding(requestCommands), changeBinding, approveBinding, ...ruleAnswers, ...requestAnswers],
  internal: [requestBinding(internalRequestCommands)],
  projections: [ruleProjection, requestProjection],
  channels: { approvals: listApprovalRequests, 'approval-rules': listRules },
  namelessChannels: ['approvals'],
  entities: [PendingExecutionEntity],
  personalData: requestPersonalData,
  askedWithRights: (tenant) => [rulesStream(tenant)],
});

/** Global, for every operation asks the gate, in whichever context it is. */
@Global()
@Module(
  contextModule(approvals, {
    providers: [
      provider(RulesInForce, { states: StateCache }, ({ states }) => states.of(rulesInForce)),
      provider(
        Approvables,
        { bindings: Bindings, people: People, rules: RulesInForce },
        ({ bindings, people, rules: inForce }) => new Approvables(bindings, people, inForce),
      ),
      provider(
        PendingExecutions,
        {
          em: ENTITY_MANAGER,
          executor: JobCommands,
          people: People,
          logger: LOGGER,
          afterResponse: AfterResponseQueue,
          periodicTasks: PeriodicTasks,
        },
        (deps) => new PendingExecutions(deps),
      ),
      provider(
        ApprovalGate,
        { rules: RulesInForce, people: People, approvables: Approvables },
        ({ rules: inForce, people, approvables }) =>
          new RuleApprovalGate(inForce, people, ({ name }) => approvables.subjectOf(name)?.type ?? null),
      ),
    ],
    exports: [ApprovalGate],
  }),
)
export class ApprovalsModule {}
