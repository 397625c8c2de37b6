import { type CommandOperation, isRejection, type Operation, reject, type Rejection } from '@daybook/kernel';
import {
  type Caller,
  type EventReader,
  grantsFor,
  isOnlyVouchedFor,
  recentlyConfirmed,
  type RightsOf,
} from '@daybook/server';
import { validate } from '@daybook/server/dispatch/validate';
import { requirementsFor } from '../rule/protection.js';
import type { Approvables } from './approvables.js';
import type { ApprovalCommand } from './approval.operations.js';
import type { Acting, Pending } from './approval.state.js';
import { behindOf, companyOf, ownProofFirst, personOf, sealedFor } from './gate.js';
import { patchedInput } from './patched-input.js';
import { rightsHolder, rolesIn } from './roles-in.js';
import { readStanding } from './standing.js';
import type { ApprovalStep } from './steps.operations.js';

/* What deciding about a pending command must know of persons: who acts, in which roles, and what who asked still may. */

export async function actingIn(
  command: ApprovalCommand | ApprovalStep,
  caller: Caller,
  events: EventReader,
  approvables: Approvables,
): Promise<Acting | Rejection> {
  const acting: Acting = {
    kind: caller.actor.kind,
    onBehalfOf: caller.onBehalfOf ?? null,
    roles: [],
    roleNames: new Map(),
    companies: caller.parties === undefined || caller.parties === 'all' ? (caller.companies ?? 'all') : [],
    initiatorMayNot: null,
    changed: null,
  };
  if (command.name !== 'approvals.command.give' && command.name !== 'approvals.command.amend') return acting;
  const { state, input } = await readStanding(events, caller.tenant, command.input.approvalId);
  if (state.status === 'absent') return acting;
  if (command.name === 'approvals.command.give') {
    const roles = await rolesIn(caller, state.companyId, approvables.people.rightsOf);
    const roleNames = await approvables.people.rolesIn(caller.tenant);
    return {
      ...acting,
      roles,
      roleNames,
      initiatorMayNot: await mayNot(state, input ?? {}, caller.tenant, approvables),
    };
  }
  const changed = await changedTo(state, input, command.input.input, caller, events, approvables);
  return isRejection(changed) ? changed : { ...acting, changed };
}

/** What takes a recent sign-in to ask for takes one to change and to approve, too: it is the same thing that comes of it. */
export function confirmedFor(name: string, caller: Caller, approvables: Approvables): Rejection | null {
  const asked = approvables.operation(name);
  if (!asked) return null;
  return recentlyConfirmed(asked, caller) ?? (isOnlyVouchedFor(caller) ? ownProofFirst(asked.title) : null);
}

/** Rights may have been taken away since he asked; they are asked again with each approval. */
async function mayNot(
  state: Pending,
  input: Readonly<Record<string, unknown>>,
  tenant: string,
  approvables: Approvables,
): Promise<Rejection | null> {
  const operation = approvables.operation(state.operation);
  if (!operation) return reject('approvals.operation-unknown', `${state.operation} is not there any more.`);
  const granting = await grantsOf(state, operation, input, tenant, approvables.people.rightsOf);
  return isRejection(granting) ? granting : null;
}

async function grantsOf(
  state: Pending,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  tenant: string,
  rightsOf: RightsOf,
) {
  const rights = await rightsOf(tenant, rightsHolder({ actor: state.initiator, onBehalfOf: state.onBehalfOf }));
  if (!rights) return reject('approvals.no-member', 'He is no member any more.', { status: 403 });
  return grantsFor(operation, input, rights);
}

/** What is wrong with the content of a command, as what is wrong with the request that holds it. */
export const ofInput = (refused: Rejection): Rejection => ({
  ...refused,
  errors: refused.errors.map((error) => ({ ...error, pointer: `/input${error.pointer}` })),
});

/** What waits is carried out with the rights of who asked: a key of his puts nothing in that it could not ask for itself. */
async function beyondKey(
  operation: CommandOperation,
  input: Readonly<Record<string, unknown>>,
  { tenant, actor }: Caller,
  rightsOf: RightsOf,
): Promise<Rejection | null> {
  if (actor.kind !== 'key') return null;
  const granting = grantsFor(operation, input, (await rightsOf(tenant, actor)) ?? { grants: [] });
  return isRejection(granting) ? granting : null;
}

/** The new content, checked as a request of the operation would be, in the name of who asked. */
async function changedTo(
  state: Pending,
  before: Readonly<Record<string, unknown>> | null,
  patch: Readonly<Record<string, unknown>>,
  caller: Caller,
  events: EventReader,
  approvables: Approvables,
): Promise<Acting['changed'] | Rejection> {
  const operation = approvables.operation(state.operation) as CommandOperation | undefined;
  if (!operation) return reject('approvals.operation-unknown', `${state.operation} is not there any more.`);
  // A step was checked by the command it is one of, and holds what nobody may write by hand.
  if (approvables.ruledAs(state.operation) !== state.operation) {
    return reject(
      'approvals.not-changeable',
      'This cannot be changed while it waits. Withdraw it and ask for it anew.',
    );
  }
  const whole = patchedInput(operation, before, patch, caller.fields ?? {});
  if (isRejection(whole)) return ofInput(whole);
  const valid = validate(operation, whole);
  if (isRejection(valid)) return ofInput(valid);
  const beyond = await beyondKey(operation, valid.input, caller, approvables.people.rightsOf);
  if (beyond) return beyond;
  const granting = await grantsOf(state, operation, valid.input, caller.tenant, approvables.people.rightsOf);
  if (isRejection(granting)) return granting;
  const amount = operation.approvable?.amount?.(valid.input) ?? null;
  const roles = [...new Set(granting.map(({ role }) => role))];
  const inForce = await approvables.rules.of(caller.tenant, events);
  const about = operation.approvable?.about?.(valid.input) ?? null;
  return {
    input: whole,
    summary: operation.approvable?.summary(valid.input) ?? operation.title,
    amount,
    companyId: companyOf(valid.input),
    about,
    behind: await behindOf({ tenant: caller.tenant, actor: state.initiator }, about, approvables.people),
    addressee: sealedFor(operation, { commandId: state.commandId, content: state.content + 1 }),
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
