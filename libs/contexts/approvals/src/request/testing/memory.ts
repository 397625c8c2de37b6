import {
  command,
  type CommandOperation,
  type CommandResult,
  eventIdOf,
  isRejection,
  newId,
  type NewEvent,
  type RecordedEvent,
  type Rejection,
} from '@daybook/kernel';
import type { Caller, EventReader, RightsOf } from '@daybook/server';
import * as z from 'zod';
import { requestDecider } from '../request.decider.js';
import type { RequestExecutor } from '../execution.js';
import { requestStream, loadRequest } from '../load-request.js';
import { internalRequestCommands } from '../request.internal.js';
import { requestId, companyId } from './given.js';

export const tenant = '0199f3a0-0000-7000-8000-0000000005aa';
export const postSale = command('accounting.entry.post', {
  title: 'Post an entry',
  http: 'POST /v1/spec/entries',
  says: 'posted',
  input: z.object({ companyId: z.string(), description: z.string() }),
  approvable: { summary: () => 'Entry' },
});

/** Streams in memory, and an executor that runs commands by a function of the spec. */
export class Memory implements RequestExecutor {
  readonly all: RecordedEvent[] = [];
  readonly ran: { operation: string; caller: Caller; commandId: string; expectedVersion: number | null }[] = [];
  constructor(
    private readonly run: (commandId: string) => CommandResult | Rejection,
    private readonly known: readonly CommandOperation[] = [postSale],
  ) {}

  readonly events: EventReader = { stream: (stream, options = {}) => this.read(stream, options) };
  private async *read(stream: string, { from = 0, limit }: { from?: number; limit?: number }) {
    yield* this.all.filter((event) => event.stream === stream && event.revision >= from).slice(0, limit);
  }

  append(event: NewEvent, stream = requestStream(tenant, requestId)): void {
    const commandId = newId();
    const revision = this.all.filter((one) => one.stream === stream).length;
    this.all.push({
      id: eventIdOf(commandId, stream, 0),
      ...event,
      version: 1,
      stream,
      revision,
      position: BigInt(this.all.length + 1),
      recordedAt: '2026-04-01T08:00:00Z',
      meta: {
        tenant,
        actor: { kind: 'person', id: 'kari' },
        operation: 'spec',
        commandId,
        index: 0,
        count: 1,
        correlationId: 'trace',
        causationId: null,
        channel: 'console',
        address: '127.0.0.1',
        reason: 'Year end',
        inputHmac: '',
        record: { type: 'approvals.request', id: requestId, version: revision + 1 },
      },
    });
  }

  operation = (name: string) => this.known.find((one) => one.name === name);

  executeAs: RequestExecutor['executeAs'] = async (caller, operation, input, { commandId, expectedVersion }) => {
    this.ran.push({ operation: operation.name, caller, commandId, expectedVersion });
    if (internalRequestCommands.every(({ name }) => name !== operation.name)) return this.run(commandId);
    const { state } = await loadRequest(this.events, tenant, requestId);
    const context = {
      now: '',
      tenant,
      actor: caller.actor.id,
      commandId,
      newId: requestId,
      expectedVersion,
      reason: null,
    };
    const approver = { kind: caller.actor.kind, onBehalfOf: null, roles: [], roleNames: new Map(), sight: 'whole', initiatorRejection: null, changed: null } as const; // prettier-ignore
    const decision = requestDecider.decide({ name: operation.name, input } as never, state, context, approver);
    if (isRejection(decision)) return decision;
    for (const event of decision.events) this.append(event);
    return { id: decision.id, version: decision.version, position: String(this.all.length) };
  };
}

/** Everybody posts in the one company, and may not follow up their own requests. */
export const rightsOf: RightsOf = async () => ({
  grants: [{ role: 'Accountant', companyId, party: null, permissions: new Set([postSale.name]), fields: {} }],
  incompatible: new Map([[postSale.name, ['accounting.entry.hold']]]),
});
