import {
  type CommandOperation,
  type CommandResult,
  isRejection,
  type RecordType,
  reject,
  type Rejection,
} from '@daybook/kernel';
import {
  ApprovalGate,
  type Caller,
  canonicalJson,
  type CommandToApprove,
  type PerformContext,
  type People,
  type EventReader,
  isOnlyVouchedFor,
} from '@daybook/server';
import { newIdOf } from '@daybook/server/command/command-executor';
import { requirementsFor } from '../rule/protection.js';
import { type RulesInForce, rulesStream } from '../rule/rules-in-force.js';
import { type RequestSubmitted, requestSubmitted } from './request.events.js';
import type { ApprovalRequest } from './request.state.js';
import { rolesIn } from './caller-roles.js';
import { requestIdOf, requestStream, executionIdOf } from './load-request.js';
import { submitRequest } from './request.internal.js';
import { recordOf, summaryOf } from './visibility.js';

/**
 * Holds a command back when a rule asks for other persons. The id under which it waits follows from the request's, so a
 * repeat under the same Idempotency-Key is answered as before, whatever the rules have become since.
 */
export class RuleApprovalGate extends ApprovalGate {
  constructor(
    private readonly rules: RulesInForce,
    private readonly people: Pick<People, 'custodiansOf' | 'rightsOf' | 'holdersOf'>,
    private readonly typeOf: (operation: CommandOperation) => RecordType | null,
  ) {
    super();
  }

  async ask(
    { operation, ruledAs, input, expectedVersion, roles: granting, rehearse }: CommandToApprove,
    context: PerformContext,
  ): Promise<CommandResult | Rejection | null> {
    const { rules, people } = this;
    const { caller } = context;
    const { tenant } = caller;
    const inForce = await rules.current(tenant, tenant, context.revisionOf(rulesStream(tenant)));
    if (inForce === null) return null;
    const requestId = requestIdOf(context.commandId);
    const before = await submittedBefore(context.events, tenant, requestId, input);
    if (before) return before;
    const amount = operation.approvable?.amount?.(input) ?? null;
    // What everybody may do on their own account is done in every role they hold.
    const roles = operation.scope === 'caller' ? await rolesIn(caller, null, people.rightsOf) : granting;
    const widens = operation.approvable?.widens === true;
    const asking = { operation: ruledAs, widens, amount, roles, input };
    const requirements = await requirementsFor(inForce, asking, { tenant, personId: personOf(caller) }, people);
    if (requirements.length === 0) return null;
    if (isOnlyVouchedFor(caller)) return ownProofRequired(operation.title);
    // What is refused anyway does not wait, and what ran before there was a rule is answered as it was.
    const rehearsed = await rehearse();
    if (rehearsed !== null) return rehearsed === 'repeat' ? null : rehearsed;
    const addressee = sealedFor(operation, { commandId: context.commandId, contentVersion: 1 });
    const about = operation.approvable?.about?.(input) ?? null;
    const custodians = await custodiansFor(caller, about, people);
    const answer = await context.execute(submitRequest, {
      requestId,
      ...(addressee === null ? {} : { addressee }),
      operation: operation.name,
      commandId: context.commandId,
      expectedVersion,
      input,
      ...recordOf(this.typeOf(operation), input, newIdOf(context.commandId)),
      summary: summaryOf(operation, input),
      amount,
      companyId: companyOf(input),
      about,
      ...(custodians.length === 0 ? {} : { custodians: [...custodians] }),
      requirements,
    });
    return isRejection(answer) ? answer : { ...answer, approvalRequest: requestId };
  }
}

type Who = Pick<Caller, 'actor' | 'onBehalfOf'>;
/** The person for whom a delegate or their own key acts, else the actor. */
export const personOf = ({ actor, onBehalfOf }: Who): string => (onBehalfOf ?? actor).id;

/** Custodians of the requesting API key, or of the service account it is about: they count as one person with it. */
export async function custodiansFor(
  { tenant, actor }: Pick<Caller, 'tenant' | 'actor'>,
  about: string | null,
  people: Pick<People, 'custodiansOf'>,
): Promise<readonly string[]> {
  const ids = [...(actor.kind === 'api-key' ? [actor.id] : []), ...(about === null ? [] : [about])];
  return ids.length === 0 ? [] : people.custodiansOf(tenant, ids);
}

/** Requesting is half of what two people do, so it takes the same proof as approving: one that no SSO provider can give. */
export const ownProofRequired = (title: string): Rejection =>
  reject(
    'identity.confirmation-required',
    `${title}: this takes a second person, and a sign-in provider is no proof that there are two. Confirm that it is you with your own password, passkey or authenticator app.`,
    { status: 403, details: { confirm: 'identity.session.confirm' } },
  );

/** The id of the record that comes of it, where the content is sealed under that; null where it is sealed for the requester. */
export const sealedFor = (
  { approvable }: CommandOperation,
  of: Pick<ApprovalRequest, 'commandId' | 'contentVersion'>,
): string | null => (approvable?.sealedFor === 'record' ? newIdOf(executionIdOf(of)) : null);

/** The company whose books it is about; null for the whole tenant. */
export const companyOf = (input: Readonly<Record<string, unknown>>): string | null => {
  const id = input['companyId'];
  return typeof id === 'string' ? id : null;
};

async function submittedBefore(
  events: EventReader,
  tenant: string,
  requestId: string,
  input: Record<string, unknown>,
): Promise<CommandResult | Rejection | null> {
  for await (const first of events.stream(requestStream(tenant, requestId), { limit: 1 })) {
    if (first.type !== requestSubmitted.name) break;
    const held = first.data as RequestSubmitted;
    if (held.input !== null && canonicalJson(held.input) !== canonicalJson(input)) {
      return reject(
        'platform.idempotency-key-reused',
        'This Idempotency-Key was used before with another input. Use a new key for a new command.',
        { status: 422 },
      );
    }
    return { id: requestId, version: 1, position: String(first.position), approvalRequest: requestId };
  }
  return null;
}
