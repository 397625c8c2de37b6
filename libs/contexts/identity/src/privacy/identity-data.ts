import { inSchemaScope, statement } from '@daybook/postgres';
import type { ReadContext, KnownTable, TableDeclaration } from '@daybook/projections';
import {
  type Context,
  type ErasedPlace,
  type Injected,
  type PersonalData,
  personalDataOf,
  type PersonalSection,
  type Subject,
} from '@daybook/server';
import { sql } from 'kysely';
import { grantTable, memberTable } from '../access/access.projection.js';
import { tenantStream } from '../access/tenant-state-cache.js';
import { invitationTable } from '../invitation/invitation.projection.js';
import { apiKeyTable } from '../api-key/api-key.projection.js';
import { reviewItemTable } from '../review/review.projection.js';
import { personStream } from '../person/erased.js';
import { invitationStream } from '../invitation/invitation-status.js';
import { type Deps, deps } from '../injected.js';
import { delegatedAccessTable } from '../delegated-access/delegated-access.projection.js';

/*
 * What identity keeps about a person: profile, rights, credentials and sessions. The list below names all tables with a
 * person, so that one statement serves all (SQL); a spec compares it with the tables there are (libs/app/src/row-security.e2e.spec.ts).
 */
interface SecretTable {
  readonly table: string;
  readonly person: string;
  /** The rows that belong to one tenant ($2). Without it, all rows belong to the account and are deleted with it. */
  readonly ofTenant?: string;
}
const byProvider = 'provider_id in (select provider_id from identity.sso_providers where tenant = $2)';
export const secretTables: readonly SecretTable[] = [
  { table: 'identity.credentials', person: 'person_id' },
  { table: 'identity.refresh_tokens', person: 'person_id' },
  { table: 'identity.sessions', person: 'person_id', ofTenant: 'tenant = $2' },
  { table: 'identity.tickets', person: 'person_id' },
  { table: 'identity.totp', person: 'person_id' },
  { table: 'identity.recovery_codes', person: 'person_id' },
  { table: 'identity.passkeys', person: 'person_id' },
  { table: 'identity.credential_changes', person: 'person_id' },
  { table: 'identity.email_links', person: 'holder_id' },
  { table: 'identity.sso_accounts', person: 'person_id', ofTenant: byProvider },
  { table: 'identity.sso_starts', person: 'person_id', ofTenant: byProvider },
  { table: 'identity.api_keys', person: 'holder_id', ofTenant: 'tenant = $2' },
  { table: 'identity.delegated_access_consents', person: 'person_id', ofTenant: 'tenant = $2' },
  { table: 'identity.delegated_access_consents', person: 'delegate_id' },
];

/** Most rows of a section; the newest are kept. */
const most = 200;

const using = deps('bindings', 'memberships', 'events', 'em', 'mail');

const dataOf = (deps: Injected<typeof using>): PersonalData => ({
  collect: async (subject, read) => [
    subject.own ? await profileOf(deps, subject) : await shownProfile(deps, subject),
    ...(await rightsOf(subject, read, deps.bindings.contexts)),
    ...(await signInsOf(deps, subject)),
  ],
  streams: async ({ tenant }) => [invitationStream(tenant), tenantStream(tenant)],
  forget: async ({ tenant, personId, aliases }) => {
    const places = await inSchemaScope(deps.em, 'identity', async (em) => {
      const emptied: ErasedPlace[] = [];
      for (const { table, person, ofTenant } of secretTables) {
        if (ofTenant === undefined) continue;
        const gone = await statement(em, `delete from ${table} where ${person} = $1 and ${ofTenant} returning 1`, [
          personId,
          tenant,
        ]);
        emptied.push({ place: table, count: gone.length });
      }
      return emptied;
    });
    for (const invitation of aliases) places.push({ place: 'mail', count: await deps.mail.forget(invitation) });
    return places;
  },
});

export const identityData = personalDataOf(using, dataOf);

/** The profile as the tenant sees it. The account, its history and its credentials are for the person only. */
async function shownProfile(
  { memberships }: Deps<'memberships'>,
  { tenant, personId }: Subject,
): Promise<PersonalSection> {
  const [person] = await memberships.shownIn(tenant, [personId]);
  const items = [{ personId, name: person?.name ?? null, email: person?.email ?? null }];
  return { name: 'profile', title: 'Name and address, as this tenant sees them', items };
}

/**
 * Every name and address with its time, from the person's own stream. Other tenants of the person are left out.
 */
async function profileOf({ events }: Deps<'events'>, { tenant, personId }: Subject): Promise<PersonalSection> {
  const items: Record<string, unknown>[] = [{ personId }];
  for await (const { type, data, recordedAt } of events.stream(personStream(personId))) {
    const { personId: _, ...facts } = data as Record<string, unknown>;
    if ('tenantId' in facts && facts['tenantId'] !== tenant) continue;
    items.push({ at: recordedAt, what: type.replace(/^identity\./, ''), ...facts });
    if (items.length > most) items.splice(1, 1);
  }
  return { name: 'profile', title: 'Name and address, and how they changed', items };
}

const sections = [
  { name: 'memberships', title: 'Membership', table: memberTable, person: 'personId' },
  { name: 'grants', title: 'Roles given', table: grantTable, person: 'holderId' },
  { name: 'api-keys', title: 'API keys, without their secrets', table: apiKeyTable, person: 'holderId' },
  { name: 'invitations', title: 'Invitations', table: invitationTable, person: 'personId' },
  { name: 'delegated-access', title: 'Delegated access allowed', table: delegatedAccessTable, person: 'personId' },
  { name: 'reviews', title: 'Access reviews of these rights', table: reviewItemTable, person: 'holderId' },
] as const;

async function rightsOf({ personId }: Subject, read: ReadContext, contexts: readonly Context[]) {
  const bound = new Set<TableDeclaration>(contexts.flatMap((c) => c.projections.flatMap(({ tables }) => tables)));
  const found: PersonalSection[] = [];
  for (const { name, title, table, person } of sections) {
    if (bound.has(table)) found.push({ name, title, items: await rowsOf(read, table, person, personId) });
  }
  return found;
}

/** Rows of a read model that name the person, without the engine's own columns, and without what only sorts. */
export async function rowsOf(read: ReadContext, table: KnownTable, person: string, personId: string) {
  const names = Object.keys(table.row.shape).filter((name) => name !== 'customSort');
  const columns = names.map((name) => sql.ref(`t.${name}`));
  const { rows } = await sql<Record<string, unknown>>`
    select ${sql.join(columns)} from ${read.rows(table).as('t')}
    where ${sql.ref(`t.${person}`)}::text = ${personId} order by t.valid_from desc limit ${most}`.execute(read.db);
  return rows;
}

/** Sign-ins in this tenant, and the person's credentials. Never a hash, a secret or a key. */
async function signInsOf({ em }: Deps<'em'>, subject: Subject): Promise<PersonalSection[]> {
  const { tenant, personId, own } = subject;
  return inSchemaScope(em, 'identity', async (em) => {
    // SQL: each section is one query on several tables, with column names for display.
    const items = (text: string, values: unknown[]) => statement<Record<string, unknown>>(em, text, values);
    return [
      {
        name: 'sessions',
        title: 'Sign-ins here, the newest first',
        items: await items(
          `select opened_at as "openedAt", last_seen_at as "lastSeenAt", ended_at as "endedAt", end_reason as "endReason",
             device, address, methods from identity.sessions
           where person_id = $1 and tenant = $2 order by opened_at desc limit ${most}`,
          [personId, tenant],
        ),
      },
      {
        name: 'credentials',
        title: own ? 'Ways to sign in' : 'Linked SSO accounts of this tenant',
        items: await items(
          `select 'password' as kind, null as name, changed_at as since, null::timestamptz as "lastUsedAt"
             from identity.credentials where person_id = $1 and $3
           union all select 'authenticator app', null, confirmed_at, null
             from identity.totp where person_id = $1 and confirmed_at is not null and $3
           union all select 'recovery codes left', count(*)::text, null, max(used_at)
             from identity.recovery_codes where person_id = $1 and used_at is null and $3 having count(*) > 0
           union all select 'passkey', name, created_at, last_used_at from identity.passkeys where person_id = $1 and $3
           union all select 'sso', issuer, linked_at, null from identity.sso_accounts where person_id = $1
             and provider_id in (select provider_id from identity.sso_providers where tenant = $2)`,
          [personId, tenant, own],
        ),
      },
      {
        name: 'email-links',
        title: 'Links mailed that can still be used',
        items: await items(
          `select purpose, made_at as "madeAt", expires_at as "expiresAt" from identity.email_links
           where holder_id = $1 and $2 and used_at is null and expires_at > now()`,
          [personId, own],
        ),
      },
    ];
  });
}
