import { instant, party, personal, plainDate } from '@daybook/kernel';
import { patch, projection, put, tableOf, when } from '@daybook/projections';
import * as z from 'zod';
import { invitationAccepted, invitationSent, invitationWithdrawn } from './invitation.events.js';

export const invitationTable = tableOf(
  'invitations',
  z.object({
    invitationId: z.uuid(),
    ordinal: z.string(),
    /** Who accepted it. */
    personId: z.uuid().nullable(),
    email: personal(z.string().nullable(), 'invitationId'),
    role: z.string(),
    companyId: z.uuid().nullable(),
    party: party.nullable(),
    until: plainDate.nullable(),
    /** The recorded status; expired is derived when it is read. */
    status: z.enum(['sent', 'accepted', 'withdrawn']),
    sentBy: z.string(),
    sentAt: instant,
    expiresAt: instant,
    closedAt: instant.nullable(),
    version: z.int(),
  }),
  ['invitationId'],
  { sequence: 'ordinal', indexes: [['personId']] },
);

/** Invitations and their outcome. */
export const invitationProjection = projection({
  name: 'invitations',
  version: 3,
  tables: [invitationTable],
  on: [
    when(invitationSent, ({ data, meta, recordedAt }) => [
      put(invitationTable, {
        ...data,
        personId: null,
        ordinal: '0',
        status: 'sent',
        sentBy: meta.actor.id,
        sentAt: recordedAt,
        closedAt: null,
        version: meta.record.version,
      }),
    ]),
    when(invitationWithdrawn, ({ data, meta, recordedAt }) => [
      patch(
        invitationTable,
        { invitationId: data.invitationId },
        { status: 'withdrawn', closedAt: recordedAt, version: meta.record.version },
      ),
    ]),
    when(invitationAccepted, ({ data, meta, recordedAt }) => [
      patch(
        invitationTable,
        { invitationId: data.invitationId },
        { status: 'accepted', personId: data.personId, closedAt: recordedAt, version: meta.record.version },
      ),
    ]),
  ],
  channels: ['invitations'],
});
