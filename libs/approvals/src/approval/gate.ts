import { type CommandOperation, type CommandResult, isRejection, reject, type Rejection } from '@daybook/kernel';
import { type ApprovalGate, canonicalJson, type EventReader } from '@daybook/server';
import type { People } from '../people.js';
import { requirementsOf } from '../rule/matching.js';
import type { RulesInForce } from '../rule/rules-in-force.js';
import { type CommandHeld, commandHeld } from './approval.events.js';
import { approvalIdOf, approvalStream } from './standing.js';
import { holdCommand } from './steps.operations.js';

/**
 * Holds a command back when a rule asks for other persons. The id under which it waits follows from the request's, so a
 * repeat under the same Idempotency-Key is answered as before, whatever the rules have become since.
 */
export const approvalGate =
  (rules: RulesInForce, people: Pick<People, 'personOf'>): ApprovalGate =>
  async ({ operation, input, expectedVersion, roles, rehearse }, context) => {
    const { tenant } = context.caller;
    const inForce = await rules.of(tenant, context.events);
    if (inForce === null) return null;
    const approvalId = approvalIdOf(context.commandId);
    const before = await heldBefore(context.events, tenant, approvalId, input);
    if (before) return before;
    const amount = operation.approvable?.amount?.(input) ?? null;
    const requirements = requirementsOf(inForce, { operation: operation.name, amount, roles });
    if (requirements.length === 0) return null;
    // What is refused anyway does not wait, and what ran before there was a rule is answered as it was.
    const rehearsed = await rehearse();
    if (rehearsed !== null) return rehearsed === 'repeat' ? null : rehearsed;
    const addressee = await addresseeOf(operation, input, tenant, people);
    const answer = await context.execute(holdCommand, {
      approvalId,
      ...(addressee === null ? {} : { addressee }),
      operation: operation.name,
      commandId: context.commandId,
      expectedVersion,
      input,
      summary: operation.approvable?.summary(input) ?? operation.title,
      amount,
      companyId: companyOf(input),
      about: operation.approvable?.about?.(input) ?? null,
      requirements,
    });
    return isRejection(answer) ? answer : { ...answer, approval: approvalId };
  };

/** The person it is addressed to, who may be nobody's yet; null where it is addressed to none. */
export async function addresseeOf(
  { approvable }: CommandOperation,
  input: Record<string, unknown>,
  tenant: string,
  people: Pick<People, 'personOf'>,
): Promise<string | null> {
  const email = approvable?.addressee?.(input) ?? null;
  return email === null ? null : people.personOf(tenant, email);
}

/** The company whose books it is about; null for the whole tenant. */
export const companyOf = (input: Readonly<Record<string, unknown>>): string | null => {
  const id = input['companyId'];
  return typeof id === 'string' ? id : null;
};

async function heldBefore(
  events: EventReader,
  tenant: string,
  approvalId: string,
  input: Record<string, unknown>,
): Promise<CommandResult | Rejection | null> {
  for await (const first of events.stream(approvalStream(tenant, approvalId), { limit: 1 })) {
    if (first.type !== commandHeld.name) break;
    const held = first.data as CommandHeld;
    if (held.input !== null && canonicalJson(held.input) !== canonicalJson(input)) {
      return reject(
        'platform.key-reused',
        'This Idempotency-Key was used before with other content. Use a new key for a new command.',
        { status: 422 },
      );
    }
    return { id: approvalId, version: 1, position: String(first.position), approval: approvalId };
  }
  return null;
}
