import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Client } from 'pg';
import { formatDatabaseUrl, parseDatabaseUrl } from './database-url.js';

/** Roles that log in. `daybook_owner` owns everything and cannot log in. */
export type Role = 'api' | 'projector';
export const roleNames = { owner: 'daybook_owner', api: 'daybook_api', projector: 'daybook_projector' } as const;

const rolePassword = (role: Role, secret: string): string => createHmac('sha256', secret).update(role).digest('hex');

/** Login URL of a role on the same server and database; its password is derived from the secret. */
export function roleUrl(adminUrl: string, role: Role, secret: string): string {
  return formatDatabaseUrl({
    ...parseDatabaseUrl(adminUrl),
    user: roleNames[role],
    password: rolePassword(role, secret),
  });
}

/** What PostgreSQL stores for a password (RFC 5803), so that no statement or log contains the password itself. */
function scramVerifier(password: string, salt: Buffer): string {
  const iterations = 4096;
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}

/** Creates the roles and grants them what they need on the database; idempotent. Runs as the administrator. */
export async function ensureRoles(admin: Client, secret: string): Promise<void> {
  const { rows } = await admin.query<{ database: string; me: string }>(
    'select quote_ident(current_database()) as database, quote_ident(current_user) as me',
  );
  const { database, me } = rows[0]!;
  await admin.query(ensureRole(roleNames.owner, 'nologin'));
  for (const role of ['api', 'projector'] as const) {
    const salt = createHmac('sha256', secret).update(`salt ${role}`).digest().subarray(0, 16);
    const verifier = scramVerifier(rolePassword(role, secret), salt);
    await admin.query(ensureRole(roleNames[role], `login password '${verifier}'`));
  }
  await admin.query(alone(`grant ${roleNames.owner} to ${me};`));
  await admin.query(`
    ${rightsOnDatabase(database)}
    revoke create on schema public from public;
    create schema if not exists daybook authorization ${roleNames.owner};`);
}

/** Grants that a copy of a database does not include. */
export const rightsOnDatabase = (database: string): string => `
    revoke all on database ${database} from public;
    grant connect on database ${database} to ${roleNames.api}, ${roleNames.projector};
    grant connect, create, temporary on database ${database} to ${roleNames.owner};`;

const ensureRole = (name: string, attributes: string): string =>
  alone(`
      if not exists (select from pg_roles where rolname = '${name}') then create role ${name}; end if;
      alter role ${name} ${attributes};`);

/**
 * Roles belong to the whole server, but the lock of \`migrate\` to one database: when two databases are migrated at once,
 * PostgreSQL lets one change a role and refuses the other ("tuple concurrently updated"), which then retries.
 */
const alone = (statements: string): string => `
  do $$ begin
    for try in 1..100 loop
      begin
        ${statements}
        return;
      exception when internal_error or unique_violation or duplicate_object then
        if try = 100 then raise; end if;
        perform pg_sleep(0.02);
      end;
    end loop;
  end $$;`;
