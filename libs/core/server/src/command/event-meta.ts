import type { EventDeclaration, EventMeta, RecordRef } from '@daybook/kernel';
import type { Caller } from '../context.js';

/** What caused an event. */
export interface EventCause {
  readonly operation: { readonly name: string };
  readonly caller: Caller;
  readonly commandId: string;
  readonly causationId: string | null;
}

/** The only place where event metadata is filled, apart from the identity of the log. */
export const eventMetaOf = (
  { operation, caller, commandId, causationId }: EventCause,
  { declaration, data }: { readonly declaration: Pick<EventDeclaration, 'company' | 'about'>; readonly data: unknown },
  own: Pick<EventMeta, 'index' | 'count' | 'inputHmac' | 'record' | 'answer' | 'holds'>,
): EventMeta => ({
  tenant: caller.tenant,
  actor: caller.actor,
  ...(caller.onBehalfOf ? { onBehalfOf: caller.onBehalfOf } : {}),
  operation: operation.name,
  commandId,
  correlationId: caller.correlationId,
  causationId,
  channel: caller.channel,
  address: caller.address,
  reason: caller.reason,
  ...inCompany(declaration.company(data)),
  ...aboutRecord(declaration.about(data)),
  ...own,
});

const inCompany = (companyId: string | null) => (companyId === null ? {} : { companyId });
const aboutRecord = (about: RecordRef | null) => (about === null ? {} : { about });
