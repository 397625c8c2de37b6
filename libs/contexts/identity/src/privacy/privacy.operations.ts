import { command, instant, plainDate, plainText, query } from '@daybook/kernel';
import * as z from 'zod';
import { erasedPlace } from './privacy.events.js';

const personId = z.uuid();
const reason = plainText(500, 3, 'Give a reason.').describe('Kept permanently: do not name a person in it');

// ── export ────────────────────────────────────────────────────────────────────────────────────────────────
export const personalSection = z
  .object({
    name: z.string().describe('profile, memberships, sessions …'),
    title: z.string(),
    items: z.array(z.record(z.string(), z.unknown())).describe('One object of plain values per item'),
  })
  .meta({ id: 'PersonalSection' });

export const personData = z
  .object({
    personId: z.uuid(),
    tenant: z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'PersonDataTenant' }),
    madeAt: instant,
    sections: z.array(personalSection),
    text: z.string().describe('The same as plain text'),
  })
  .meta({
    id: 'PersonData',
    description: 'Everything this tenant keeps about a person; in the person’s own export, the account as well',
  });

const describeCopy =
  'What the person did is counted by kind, with the first and last time; the trail lists it. Secrets are never included.';

export const exportPerson = query('identity.person.export', {
  title: 'Export everything about a person',
  description: `What this tenant keeps. The account, its history and its ways to sign in are left to the person's own export. ${describeCopy}`,
  http: 'GET /v1/identity/people/{personId}/data',
  permission: 'identity.person.export',
  sensitive: true,
  input: z.object({ personId }),
  output: personData,
});
export const readOwnData = query('identity.own-data.read', {
  title: 'Export everything about yourself',
  description: describeCopy,
  http: 'GET /v1/identity/own/data',
  permission: 'identity.own-data.read',
  scope: 'caller',
  sensitive: true,
  input: z.object({}),
  output: personData,
});

// ── retention ─────────────────────────────────────────────────────────────────────────────────────────────
export const setRetention = command('identity.retention.set', {
  title: 'Retain the data of a person until a date',
  description: 'Until then the person cannot be erased. Setting it again replaces reason and date.',
  http: 'PUT /v1/identity/people/{personId}/retention',
  sensitive: true,
  says: 'set a retention of personal data until {until}: {reason}',
  // Setting it again may end it sooner.
  approvable: {
    widens: true,
    readBy: 'identity.erasure.read',
    about: ({ personId: id }) => String(id),
    summary: ({ until }) => `Retain personal data until ${String(until)}`,
  },
  input: z.object({ personId, reason, until: plainDate.describe('Last day of the retention') }),
});
export const liftRetention = command('identity.retention.lift', {
  title: 'Lift the retention of the data of a person',
  http: 'POST /v1/identity/people/{personId}/retention/lift',
  sensitive: true,
  says: 'lifted the retention of personal data: {reason}',
  approvable: {
    widens: true,
    readBy: 'identity.erasure.read',
    about: ({ personId: id }) => String(id),
    summary: () => 'Lift the retention of personal data',
  },
  input: z.object({ personId, reason }),
});

// ── erasure ───────────────────────────────────────────────────────────────────────────────────────────────
export const erasePerson = command('identity.person.erase', {
  title: 'Erase a person',
  description:
    'Destroys the key of the personal data that this tenant keeps about a former member. Figures, entries and the trail ' +
    'stay, without the name. Other tenants keep their data; the account ends when the last tenant erases the person. ' +
    'This cannot be undone. Once it has begun, it is finished within a moment, whatever is interrupted; the receipt says when.',
  http: 'POST /v1/identity/people/{personId}/erasure',
  says: 'erased a person: {reason}',
  sensitive: true,
  input: z.object({ personId, reason }),
});

export const erasure = z
  .object({
    personId: z.uuid(),
    status: z.enum(['none', 'begun', 'finished']).describe('begun: under way, finished within a moment'),
    retention: z
      .object({ reason: z.string(), until: plainDate, active: z.boolean() })
      .meta({ id: 'Retention' })
      .nullable()
      .describe('The retention, if one was set here'),
    reason: z.string().nullable(),
    by: z.string().nullable().describe('Id of the actor who erased'),
    begunAt: instant.nullable(),
    finishedAt: instant.nullable(),
    positions: z.array(z.string()).describe('Events whose personal fields can no longer be read, as ranges'),
    events: z.int().describe('Number of these events'),
    places: z.array(erasedPlace).describe('What was emptied'),
  })
  .meta({ id: 'Erasure' });
export type Erasure = z.infer<typeof erasure>;

export const readErasure = query('identity.erasure.read', {
  title: 'Read the receipt of an erasure',
  description: 'Also says whether a retention prevents the erasure.',
  http: 'GET /v1/identity/people/{personId}/erasure',
  permission: 'identity.erasure.read',
  input: z.object({ personId }),
  output: erasure,
});

export const privacyCommands = [setRetention, liftRetention, erasePerson] as const;
