import { isRejection, type OutputOf, type Rejection } from '@daybook/kernel';
import {
  answer,
  type ContextPart,
  decide,
  type DecisionFactsContext,
  perform,
  type QueryContext,
} from '@daybook/server';
import { type Deps, deps } from '../injected.js';
import { exportOf } from './person-export.js';
import { PersonErasure } from './person-erasure.js';
import { isRetainedOn, privacyDecider } from './privacy.decider.js';
import { privacyEvents } from './privacy.events.js';
import {
  erasePerson,
  erasureSteps,
  exportPerson,
  readErasure,
  readOwnData,
  retentionCommands,
  aliasSteps,
} from './privacy.operations.js';
import { isPrivacyEvent, rejectUnknown, privacyFacts, privacyStream } from './tenant-memberships.js';

const idOf = (input: { personId: string } | { subject: string }) =>
  'subject' in input ? input.subject : input.personId;
const decided = {
  decider: privacyDecider,
  events: privacyEvents,
  stream: (input: Parameters<typeof idOf>[0], caller: { tenant: string }) => privacyStream(caller.tenant, idOf(input)),
  inject: deps('events', 'tenantStates'),
  facts: (
    { input }: { input: Parameters<typeof idOf>[0] },
    _: unknown,
    caller: { tenant: string },
    _deps: DecisionFactsContext,
    given: Deps<'events' | 'tenantStates'>,
  ) => privacyFacts(given, caller.tenant, idOf(input)),
  mayChangeNothing: true,
};
const copying = deps('events', 'tenantStates', 'personalData');

/** Personal data of a person: export, retention and erasure. */
export const privacyPart: ContextPart = {
  events: privacyEvents,
  bindings: [
    answer(exportPerson, copying, ({ personId }, read, given) => exportOf(given, { personId, own: false }, read)),
    answer(readOwnData, copying, (_, read, given) =>
      exportOf(given, { personId: read.caller.actor.id, own: true }, read),
    ),
    decide({ ...decided, operations: retentionCommands }),
    perform(erasePerson, { erasing: PersonErasure }, (input, asking, { erasing }) => erasing.erase(input, asking)),
    answer(readErasure, deps('events', 'tenantStates'), ({ personId }, read, given) =>
      receiptOf(given, personId, read),
    ),
  ],
  internal: [decide({ ...decided, operations: erasureSteps }), decide({ ...decided, operations: aliasSteps })],
};

async function receiptOf(
  given: Deps<'events' | 'tenantStates'>,
  personId: string,
  read: QueryContext,
): Promise<OutputOf<typeof readErasure> | Rejection> {
  const unknown = await rejectUnknown(given, read.tenant, personId);
  if (isRejection(unknown)) return unknown;
  const receipt: OutputOf<typeof readErasure> = {
    personId,
    status: 'none',
    retention: null,
    ...{ reason: null, by: null, begunAt: null, finishedAt: null },
    ...{ positions: [], events: 0, places: [] },
  };
  for await (const event of read.events.stream(privacyStream(read.tenant, personId))) {
    if (read.past && event.position > read.position) break;
    if (!isPrivacyEvent(event)) continue;
    const { recordedAt, meta } = event;
    switch (event.type) {
      case 'identity.retention-set': {
        const { reason, until } = event.data;
        receipt.retention = { reason, until, active: isRetainedOn(event.data, new Date().toISOString().slice(0, 10)) };
        break;
      }
      case 'identity.retention-lifted':
        receipt.retention = null;
        break;
      case 'identity.erasure-begun':
        Object.assign(receipt, { status: 'begun', reason: event.data.reason, by: meta.actor.id, begunAt: recordedAt });
        break;
      case 'identity.erasure-finished': {
        const { positions, events, places } = event.data;
        Object.assign(receipt, { status: 'finished', finishedAt: recordedAt, positions, events, places });
      }
    }
  }
  return receipt;
}
