import {
  type CallOf,
  type CommandOperation,
  type CommandResult,
  commandIdOf,
  daybookNamespace,
  eventIdOf,
  isRejection,
  nameId,
  type NewEvent,
  type RecordedEvent,
  type Rejection,
} from '@daybook/kernel';
import type { Caller, EventReader } from '@daybook/server';
import { ledger, type LedgerCommand } from '../ledger.decider.js';
import { type LedgerEvent, ledgerEvents } from '../ledger.events.js';
import { ledgerDecisionFacts, ledgerStream } from '../ledger.decision-facts.js';
import type { LedgerState } from '../ledger.state.js';
import { tenant } from './given.js';

/** The ledger without a database: real operations, deciders and decision facts over streams in memory. For unit specs. */
export class MemoryLedger {
  readonly streams = new Map<string, RecordedEvent[]>();
  private position = 0n;
  private readonly answers = new Map<string, CommandResult>();
  private readonly caller: Caller = {
    tenant,
    actor: { kind: 'person', id: nameId(daybookNamespace, 'person') },
    channel: 'rest',
    address: null,
    correlationId: 'spec',
    reason: null,
  };

  readonly events: EventReader = {
    stream: (stream, options = {}) => this.read(stream, options),
  };

  private async *read(stream: string, options: { from?: number; limit?: number; backwards?: boolean }) {
    const all = this.streams.get(stream) ?? [];
    const ordered = options.backwards ? all.toReversed() : all.slice(options.from ?? 0);
    yield* ordered.slice(0, options.limit ?? ordered.length);
  }

  /** Events of all streams in the order they were recorded. */
  all(): RecordedEvent[] {
    return [...this.streams.values()].flat().sort((a, b) => (a.position < b.position ? -1 : 1));
  }

  state(companyId: string): LedgerState {
    const events = this.streams.get(ledgerStream(tenant, companyId)) ?? [];
    return events.reduce((state, { type, data, revision }) => {
      return ledger.evolve(state, { type, data } as LedgerEvent, { revision });
    }, ledger.initial);
  }

  async execute<O extends CommandOperation>(
    operation: O,
    input: CallOf<O>,
    key: string,
  ): Promise<CommandResult | Rejection> {
    const commandId = commandIdOf(tenant, this.caller.actor.id, operation.name, key);
    const before = this.answers.get(commandId);
    if (before) return before;
    const newId = nameId(commandId, 'record');
    const valid = operation.input.parse(input) as { companyId?: string };
    const stream = ledgerStream(tenant, valid.companyId ?? newId);
    const state = this.state(valid.companyId ?? newId);
    const command = { name: operation.name, input: valid } as LedgerCommand;
    const facts = await ledgerDecisionFacts(command, state, this.caller, { events: this.events });
    if (isRejection(facts)) return facts;
    const now = new Date(Date.UTC(2026, 3, 1) + Number(this.position) * 1000).toISOString();
    const context = { now, tenant, actor: this.caller.actor.id, commandId, newId, expectedVersion: null, reason: null };
    const decision = ledger.decide(command, state, context, facts);
    if (isRejection(decision)) return decision;
    decision.events.forEach((event, index) =>
      this.append(stream, event, { operation: operation.name, commandId, index, decision, now }),
    );
    const answer = { id: decision.id, version: decision.version, position: String(this.position) };
    this.answers.set(commandId, answer);
    return answer;
  }

  /** Records an event as the command executor would, on any stream. */
  append(
    stream: string,
    event: NewEvent,
    by: {
      operation?: string;
      commandId?: string;
      index?: number;
      now?: string;
      decision?: { id: string; version: number; events: readonly unknown[]; others?: Readonly<Record<string, number>> };
    } = {},
  ): RecordedEvent {
    const events = this.streams.get(stream) ?? [];
    this.streams.set(stream, events);
    this.position += 1n;
    const commandId = by.commandId ?? nameId(daybookNamespace, stream, String(events.length));
    const declaration = ledgerEvents.find((declared) => declared.name === event.type);
    const record = declaration?.record(event.data) ?? { type: 'spec', id: stream };
    const { decision } = by;
    const recorded: RecordedEvent = {
      id: eventIdOf(commandId, stream, by.index ?? 0),
      type: event.type,
      version: 1,
      stream,
      revision: events.length,
      position: this.position,
      recordedAt: by.now ?? '2026-04-01T08:00:00Z',
      data: event.data,
      meta: {
        tenant,
        actor: this.caller.actor,
        operation: by.operation ?? 'spec',
        commandId,
        index: by.index ?? 0,
        count: decision?.events.length ?? 1,
        correlationId: this.caller.correlationId,
        causationId: null,
        channel: this.caller.channel,
        address: null,
        reason: null,
        inputHmac: '',
        record: {
          ...record,
          version: record.id === decision?.id ? decision.version : (decision?.others?.[record.id] ?? 1),
        },
      },
    };
    events.push(recorded);
    return recorded;
  }
}
