import type { SqlMigration } from '@daybook/postgres';
import { scopedFunctionSql, scopedTableSql } from '@daybook/postgres/schema-scope';

/*
 * Sessions, second factors and passkeys: secrets and what changes with every request, so plain tables. All
 * secret tables of identity, the first ones too, show nothing outside the schema scope of identity from here on.
 */
const before = ['credentials', 'refresh_tokens', 'sign_in_attempts', 'signing_keys'];
const made = ['sessions', 'tickets', 'totp', 'recovery_codes', 'passkeys', 'failed_sign_ins'];

export const sessionMigrations: readonly SqlMigration[] = [
  {
    name: '2026-11-21-identity-sessions',
    sql: `
create table identity.sessions (
  -- the family of refresh tokens
  session_id uuid not null,
  -- a session may lead to several tenants, and each may end it for itself alone
  tenant uuid not null,
  person_id uuid not null,
  opened_at timestamptz not null default now(),
  -- when the person last authenticated or confirmed
  auth_time timestamptz not null default now(),
  -- to the minute
  last_seen_at timestamptz not null default now(),
  device text not null,
  address text,
  methods text[] not null,
  ended_at timestamptz,
  end_reason text,
  primary key (session_id, tenant)
);
create index on identity.sessions (person_id) where ended_at is null;
create index on identity.sessions (opened_at);
-- Those signed in have no session to show or to end: they sign in once more.
update identity.refresh_tokens set revoked_at = now() where revoked_at is null;

-- What is begun and not yet finished: a sign-in that waits for the second factor, a question to a passkey.
create table identity.tickets (
  -- SHA-256 of a random value
  hash bytea primary key,
  purpose text not null,
  person_id uuid,
  data jsonb not null,
  attempts_left integer not null,
  expires_at timestamptz not null
);
create index on identity.tickets (expires_at);

create table identity.totp (
  person_id uuid primary key,
  -- AES-256-GCM under a key derived from the secret
  secret_sealed bytea not null,
  -- null: added, and no code of it shown yet
  confirmed_at timestamptz,
  -- a code of this step or one before it was used: it is good no longer
  last_step bigint not null default 0
);

create table identity.recovery_codes (
  person_id uuid not null,
  -- HMAC of a code of 80 random bits, under a key that is not in the database
  hash bytea not null,
  used_at timestamptz,
  primary key (person_id, hash)
);

create table identity.passkeys (
  passkey_id uuid primary key,
  person_id uuid not null,
  credential_id text not null unique,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  synced boolean not null,
  name text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz
);
create index on identity.passkeys (person_id);

-- Counted here until their minute is over, then recorded as one event.
create table identity.failed_sign_ins (
  identifier text not null,
  minute timestamptz not null,
  masked text not null,
  count integer not null,
  primary key (minute, identifier)
);

alter table identity.sign_in_attempts add column pauses integer not null default 0;

-- One key after another: each is published before it signs.
drop index identity.one_signing_key;
alter table identity.signing_keys add column generation integer not null default 1;
alter table identity.signing_keys add column signs_from timestamptz not null default now();
update identity.signing_keys k set signs_from = created_at, generation = o.n
  from (select kid, row_number() over (order by created_at) as n from identity.signing_keys) o where o.kid = k.kid;
alter table identity.signing_keys drop column retired_at;
alter table identity.signing_keys add constraint one_key_a_generation unique (generation);

${[...before, ...made].map((table) => scopedTableSql(`identity.${table}`, 'identity')).join('')}
`,
  },
  {
    name: '2026-11-21-identity-open-sessions',
    sql: `
/* Asked before every request: one statement that enters the schema scope by itself, without a transaction around it. */
create function identity.open_sessions(p_sessions uuid[], p_tenants uuid[])
returns table (session_id uuid, tenant uuid, person_id uuid, methods text[], due boolean)
language plpgsql set search_path = pg_catalog, pg_temp
as $function$
begin
  /* For this statement alone, which is a transaction of its own. */
  perform set_config('daybook.schema_scope', 'identity', true);
  return query
    select s.session_id, s.tenant, s.person_id, s.methods, s.last_seen_at < now() - interval '1 minute'
    from unnest(p_sessions, p_tenants) as asked(session_id, tenant)
    join identity.sessions s on s.session_id = asked.session_id and s.tenant = asked.tenant
    where s.ended_at is null;
  perform set_config('daybook.schema_scope', '', true);
end
$function$;
revoke all on function identity.open_sessions from public;
grant execute on function identity.open_sessions to daybook_api;
`,
  },
  {
    name: '2026-11-21-identity-replaced-tokens',
    sql: `
-- set when a confirmation replaced the token; one that was only renewed has used_at alone
alter table identity.refresh_tokens add column replaced_at timestamptz;
`,
  },
  {
    name: '2026-11-29-identity-next-tokens',
    sql: `
-- which token a use of this one was answered with
alter table identity.refresh_tokens add column next_hash bytea;
`,
  },
  {
    name: '2026-11-29-identity-totp-skew',
    sql: `
-- by how many steps the clock of the phone was ahead with the last code
alter table identity.totp add column skew_steps integer not null default 0;
`,
  },
  {
    name: '2026-11-30-identity-failed-sign-ins',
    sql: `
alter table identity.failed_sign_ins drop constraint failed_sign_ins_pkey;
alter table identity.failed_sign_ins add column id uuid primary key default gen_random_uuid();
-- being recorded: a later failure of the same minute is counted in another row
alter table identity.failed_sign_ins add column taken boolean not null default false;
create unique index failed_sign_ins_counting on identity.failed_sign_ins (minute, identifier) where not taken;
`,
  },
  {
    name: '2026-11-30-identity-credential-changes',
    sql: `
-- Noted in the transaction of the change until the change is recorded as an event.
create table identity.credential_changes (
  id uuid primary key,
  person_id uuid not null,
  kind text not null,
  change text not null,
  at timestamptz not null default clock_timestamp()
);
create index on identity.credential_changes (person_id);
${scopedTableSql('identity.credential_changes', 'identity')}
`,
  },
  {
    name: '2026-11-30-identity-last-activity',
    sql: scopedFunctionSql('identity.last_activity', 'identity', 'p_tenant uuid, p_ids uuid[]', {
      row: 'person_id uuid, last_seen_at timestamptz, second_factor boolean',
      query: `select p.id, (select max(s.last_seen_at) from identity.sessions s where s.person_id = p.id and s.tenant = p_tenant),
        exists (select from identity.totp t where t.person_id = p.id and t.confirmed_at is not null)
          or exists (select from identity.passkeys k where k.person_id = p.id)
        from unnest(p_ids) as p(id)`,
    }),
  },
];
