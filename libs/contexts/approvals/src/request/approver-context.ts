import { type CommandOperation, isRejection, type Operation, reject, type Rejection } from '@daybook/kernel';
import {
  type Caller,
  closedToDelegatedAccess,
  grantsFor,
  isOnlyVouchedFor,
  recentlyConfirmed,
  rightsHolder,
  type RightsOf,
  type SoftFactSources,
} from '@daybook/server';
import { newIdOf } from '@daybook/server/command/command-executor';
import { validate } from '@daybook/server/dispatch/validate';
import { requirementsFor } from '../rule/protection.js';
import type { Approvables } from './approvables.js';
import type { RequestCommand } from './request.operations.js';
import { type ApproverContext, type ApprovalRequest, isOwn, type RequestState, type Sight } from './request.state.js';
import { custodiansFor, companyOf, ownProofRequired, personOf, sealedFor } from './gate.js';
import { applyMergePatch } from './merge-patch.js';
import { rolesIn } from './caller-roles.js';
import { executionIdOf, loadRequest } from './load-request.js';
import { completeRequest, failRequest, type InternalRequestCommand, submitRequest } from './request.internal.js';
import { recordOf, requestReader, seesRecord, sightOf, summaryOf } from './visibility.js';

/* The decision facts about people: who acts, in which roles, and what the requester may still do. */

export async function approverContextOf(
  command: RequestCommand | InternalRequestCommand,
  caller: Caller,
  { state, events, read }: { readonly state: RequestState } & Pick<SoftFactSources, 'events' | 'read'>,
  approvables: Approvables,
): Promise<ApproverContext | Rejection> {
  const approver: ApproverContext = {
    kind: caller.actor.kind,
    onBehalfOf: caller.onBehalfOf ?? null,
    roles: [],
    roleNames: new Map(),
    sight: 'whole',
    initiatorRejection: null,
    changed: null,
  };
  // What the product itself records.
  if (command.name === submitRequest.name || command.name === completeRequest.name || command.name === failRequest.name)
    return approver;
  if (state.status === 'absent') return approver;
  const sight = await sightOfCaller(
    caller,
    state,
    approvables.operation(command.name)?.permission ?? command.name,
    read,
    approvables,
  );
  // Of what they do not see, not even the words of a refusal are theirs to read.
  const isUnseen = (sight === 'absent' || sight === 'hidden') && !isOwn(state, caller.actor.id, caller.onBehalfOf);
  if (isUnseen || command.name === 'approvals.request.reject' || command.name === 'approvals.request.withdraw')
    return { ...approver, sight };
  const { input } = await loadRequest(events, caller.tenant, command.input.requestId);
  if (command.name === 'approvals.request.record-approval') {
    const roles = await rolesIn(caller, state.companyId, approvables.people.rightsOf);
    const roleNames = await approvables.people.rolesIn(caller.tenant);
    return {
      ...approver,
      sight,
      roles,
      roleNames,
      initiatorRejection: await initiatorRejection(state, input ?? {}, caller.tenant, approvables),
    };
  }
  const changed = await changedContentOf(state, input, command.input.input, caller, approvables);
  return isRejection(changed) ? changed : { ...approver, sight, changed };
}

/** What the caller sees of the request, by the permission for the command that they give. */
async function sightOfCaller(
  caller: Caller,
  state: ApprovalRequest,
  permission: string,
  read: SoftFactSources['read'],
  approvables: Approvables,
): Promise<Sight> {
  const sight = sightOf(await requestReader(caller, approvables), state, permission, approvables);
  if (sight === 'absent' || sight === 'hidden') return sight;
  return (await seesRecord(caller, state, approvables.subjectOf(state.operation)?.type ?? null, read))
    ? sight
    : 'hidden';
}

/** What takes a recent sign-in to ask for takes one to change and to approve, too: it is the same thing that comes of it. */
export function confirmationMissing(name: string, caller: Caller, approvables: Approvables): Rejection | null {
  const asked = approvables.operation(name);
  if (!asked) return null;
  return recentlyConfirmed(asked, caller) ?? (isOnlyVouchedFor(caller) ? ownProofRequired(asked.title) : null);
}

/** The requester may have lost rights since submitting; they are checked again with each approval. */
async function initiatorRejection(
  state: ApprovalRequest,
  input: Readonly<Record<string, unknown>>,
  tenant: string,
  approvables: Approvables,
): Promise<Rejection | null> {
  const operation = approvables.operation(state.operation);
  if (!operation) return reject('approvals.operation-not-found', `${state.operation} no longer exists.`);
  const granting = await grantsOf(state, operation, input, tenant, approvables.people.rightsOf);
  return isRejection(granting) ? granting : null;
}

async function grantsOf(
  state: ApprovalRequest,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  tenant: string,
  rightsOf: RightsOf,
) {
  const rights = await rightsOf(tenant, rightsHolder({ actor: state.initiator, onBehalfOf: state.onBehalfOf }));
  if (!rights) return reject('approvals.initiator-not-member', 'The requester is no longer a member.', { status: 403 });
  return grantsFor(operation, input, rights);
}

/** What is wrong with the content of a command, as what is wrong with the request that holds it. */
export const asInputErrors = (refused: Rejection): Rejection => ({
  ...refused,
  errors: refused.errors.map((error) => ({ ...error, pointer: `/input${error.pointer}` })),
});

/** A request is carried out with the requester's rights: their key must not add what it could not request itself. */
async function escalatesKey(
  operation: CommandOperation,
  input: Readonly<Record<string, unknown>>,
  { tenant, actor }: Caller,
  rightsOf: RightsOf,
): Promise<Rejection | null> {
  if (actor.kind !== 'api-key') return null;
  const granting = grantsFor(operation, input, (await rightsOf(tenant, actor)) ?? { grants: [] });
  return isRejection(granting) ? granting : null;
}

/** The new content, validated and authorised as a new request of the requester would be. */
async function changedContentOf(
  state: ApprovalRequest,
  before: Readonly<Record<string, unknown>> | null,
  patch: Readonly<Record<string, unknown>>,
  caller: Caller,
  approvables: Approvables,
): Promise<ApproverContext['changed'] | Rejection> {
  const operation = approvables.operation(state.operation) as CommandOperation | undefined;
  if (!operation) return reject('approvals.operation-not-found', `${state.operation} no longer exists.`);
  // A step was checked by the command it is one of, and holds what nobody may write by hand.
  if (approvables.ruledAs(state.operation) !== state.operation) {
    return reject(
      'approvals.not-changeable',
      'This cannot be changed while it is pending. Withdraw it and submit it again.',
    );
  }
  const whole = applyMergePatch(operation, before, patch, caller.fields ?? {});
  if (isRejection(whole)) return asInputErrors(whole);
  const valid = validate(operation, whole);
  if (isRejection(valid)) return asInputErrors(valid);
  const beyond =
    closedToDelegatedAccess(operation, { actor: caller.actor, onBehalfOf: caller.onBehalfOf ?? null }) ??
    (await escalatesKey(operation, valid.input, caller, approvables.people.rightsOf));
  if (beyond) return beyond;
  const granting = await grantsOf(state, operation, valid.input, caller.tenant, approvables.people.rightsOf);
  if (isRejection(granting)) return granting;
  const amount = operation.approvable?.amount?.(valid.input) ?? null;
  const roles = [...new Set(granting.map(({ role }) => role))];
  const inForce = await approvables.rules.current(caller.tenant);
  const about = operation.approvable?.about?.(valid.input) ?? null;
  const next = { commandId: state.commandId, contentVersion: state.contentVersion + 1 };
  const subjectType = approvables.subjectOf(operation.name)?.type ?? null;
  return {
    input: whole,
    ...recordOf(subjectType, valid.input, newIdOf(executionIdOf(next))),
    summary: summaryOf(operation, valid.input),
    amount,
    companyId: companyOf(valid.input),
    about,
    custodians: await custodiansFor({ tenant: caller.tenant, actor: state.initiator }, about, approvables.people),
    addressee: sealedFor(operation, next),
    requirements:
      inForce === null
        ? []
        : await requirementsFor(
            inForce,
            {
              operation: operation.name,
              widens: operation.approvable?.widens === true,
              amount,
              roles,
              input: valid.input,
            },
            { tenant: caller.tenant, personId: personOf(caller) },
            approvables.people,
          ),
  };
}
