import { isRejection, type OutputOf, type Rejection } from '@daybook/kernel';
import { answer, type ContextPart, decide, perform, type QueryContext } from '@daybook/server';
import { type Deps, deps } from '../injected.js';
import { exportOf } from './person-export.js';
import { PersonErasure } from './person-erasure.js';
import { personErasure } from './person-erasure.process.js';
import { isRetainedOn, privacyDecider } from './privacy.decider.js';
import { privacyEvents } from './privacy.events.js';
import { erasePerson, exportPerson, privacyCommands, readErasure, readOwnData } from './privacy.operations.js';
import { eraseAlias, eraseKept, type PrivacyCommand, privacySteps } from './privacy.internal.js';
import { isPrivacyEvent, membershipIn, privacyStream, rejectUnknown } from './tenant-memberships.js';

const subjectOf = (input: PrivacyCommand['input']): string => ('subject' in input ? input.subject : input.personId);
const decided = decide({
  operations: privacyCommands,
  decider: privacyDecider,
  events: privacyEvents,
  stream: (input, caller) => privacyStream(caller.tenant, subjectOf(input)),
  inject: { ...deps('events', 'tenantStates', 'vault'), erasing: PersonErasure },
  facts: {
    binding: async ({ command, input, caller: { tenant } }, { erasing, ...given }) => ({
      membership: await membershipIn(given, tenant, subjectOf(input)),
      ...(command.name === erasePerson.name ? { aliases: await erasing.aliasesOf(tenant, subjectOf(input)) } : {}),
    }),
  },
  afterwards: async ({ name, input }, { tenant }, _, { vault }) => {
    if (name === eraseAlias.name) await vault.erase(tenant, subjectOf(input));
  },
  mayChangeNothing: true,
});
const copying = deps('events', 'tenantStates', 'personalData');

/** Personal data of a person: export, retention and erasure. */
export const privacyPart: ContextPart = {
  events: privacyEvents,
  bindings: [
    answer(exportPerson, copying, ({ personId }, read, given) => exportOf(given, { personId, own: false }, read)),
    answer(readOwnData, copying, (_, read, given) =>
      exportOf(given, { personId: read.caller.actor.id, own: true }, read),
    ),
    decided,
    answer(readErasure, deps('events', 'tenantStates'), ({ personId }, read, given) =>
      receiptOf(given, personId, read),
    ),
  ],
  internal: [
    { ...decided, operations: privacySteps },
    perform(eraseKept, { erasing: PersonErasure }, ({ personId }, asking, { erasing }) =>
      erasing.eraseKept(personId, asking),
    ),
  ],
  processes: [personErasure],
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
        // Asked for again, it began with the first.
        if (receipt.begunAt !== null) break;
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
