import { actorSchema, guarded, instant, pageInput, pageOf, query, stamp } from '@daybook/kernel';
import * as z from 'zod';

/*
 * The audit trail: every event of the tenant, in order, numbered 1, 2, 3 … Reads only; it is written by nobody but the
 * events themselves.
 */
const trailNumber = z.string().regex(/^\d{1,18}$/, 'Give a trail number: digits.');

/** What an event says of itself beside its data. */
export const trailRow = z.object({
  trail: z.string().describe("The tenant's running number of the event"),
  eventId: z.uuid(),
  recordedAt: instant,
  type: z.string().describe('accounting.entry-posted'),
  version: z.int(),
  stream: z.string(),
  revision: z.int(),
  recordType: z.string(),
  recordId: z.string(),
  recordVersion: z.int(),
  companyId: z.uuid().nullable().describe('The company that the event belongs to; null for one of the whole tenant'),
  aboutType: z.string().nullable().describe('Type of another record that it tells of: the one that a comment is on'),
  aboutId: z.string().nullable().describe('Its id'),
  actorKind: actorSchema.shape.kind,
  actorId: z.string(),
  onBehalfOfId: z.string().nullable(),
  operation: z.string(),
  channel: z.string(),
  reason: z.string().nullable(),
  commandId: z.string(),
  correlationId: z.string(),
  causationId: z.string().nullable(),
});

export const fieldChange = z
  .object({ field: z.string(), before: z.string(), after: z.string() })
  .meta({ id: 'FieldChange', description: 'What a field of the record said before, and what it says since' });

export const auditEvent = trailRow
  .omit({ actorKind: true, actorId: true, onBehalfOfId: true })
  .extend({
    /** Same as `eventId`: what tells rows apart in a list. */
    key: z.uuid(),
    position: z.string(),
    actor: z
      .object({ kind: z.string(), id: z.string(), name: z.string().nullable() })
      .meta({ id: 'AuditActor', description: 'Who did it; a name is null once the person is erased' }),
    onBehalfOf: z
      .object({ id: z.string(), name: z.string().nullable() })
      .nullable()
      .meta({ id: 'AuditPrincipal' })
      .describe('The person for whom a delegate (with their consent) or their own key acted; their rights were used'),
    says: z.string().describe('Audit sentence without the person: "posted PU-2026-0041"'),
    changes: z.array(fieldChange).describe("Against the record's event before"),
  })
  .meta({ id: 'AuditEvent' });

export const listEvents = query('audit.event.list', {
  title: 'List the audit trail',
  description: 'Who did what, when, through which channel and why; newest first, unless the order is oldest.',
  http: 'GET /v1/audit/events',
  delegated: true,
  permission: 'audit.event.read',
  scope: 'caller',
  input: z.object({
    recordType: z.string().max(100).optional().describe('accounting.entry'),
    recordId: z.string().max(200).optional(),
    actor: z.string().max(100).optional().describe('Id of the person, key or job'),
    operation: z.string().max(100).optional(),
    commandId: z.string().max(100).optional().describe('Everything one request caused'),
    companyId: z.uuid().optional().describe('What belongs to this company'),
    from: trailNumber.optional(),
    to: trailNumber.optional(),
    order: z.enum(['newest', 'oldest']).default('newest'),
    ...pageInput,
  }),
  output: pageOf(auditEvent),
  rows: 'items',
});

export const readEvent = query('audit.event.read', {
  title: 'Read an event of the audit trail',
  description: 'The event with its data as it is stored, and everything else the same request caused.',
  http: 'GET /v1/audit/events/{eventId}',
  delegated: true,
  permission: 'audit.event.read',
  scope: 'caller',
  input: z.object({ eventId: z.uuid() }),
  output: auditEvent
    .extend({
      data: z.record(z.string(), z.unknown()).describe('Lifted to the newest version; erased personal data is null'),
      address: guarded(z.string().nullable(), 'audit.event.address', 'Network address of who did it').describe(
        'Network address it was done from; null once the person is erased',
      ),
      previous: z.string().nullable().describe("Event id of the record's event before"),
      caused: z.array(auditEvent).describe('All events of the same request, oldest first, at most 200'),
      stamp,
    })
    .meta({ id: 'AuditEventDetail' }),
});
