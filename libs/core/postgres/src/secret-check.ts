import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import type { ClientBase } from 'pg';
import { timeLimits } from './limits.js';
import { connectTo } from './connection.js';
import { roleNames } from './roles.js';

/*
 * The secret unlocks what a database holds: signing keys, passwords of its roles, and keys of personal data where there is no
 * master key. The database keeps a hash of the secret it was created with, so that another one is refused before it is used.
 * Only the owner of the schema can read it.
 */
type Asking = Pick<ClientBase, 'query'>;

export class SecretMismatchError extends Error {
  override readonly name = 'SecretMismatchError';
  constructor() {
    super(
      'This database was made with another DAYBOOK_SECRET: set that one, or start with the data folder in which it is ' +
        'kept (--data, file `secret`); nothing was changed.',
    );
  }
}

const table = 'daybook.secret_check';

/** Throws if the database was created with another secret. Called before anything is changed. */
export async function requireSecret(admin: Asking, secret: string): Promise<void> {
  const kept = await keptHash(admin);
  if (kept !== null && !isHashOf(kept, secret)) throw new SecretMismatchError();
}

/** The same on a connection of its own, for tools. */
export async function requireSecretAt(adminUrl: string, secret: string): Promise<void> {
  const admin = await connectTo(adminUrl, { application: 'secret', timeLimits: timeLimits.request });
  try {
    await requireSecret(admin, secret);
  } finally {
    await admin.end();
  }
}

/** Runs as the administrator, once the schema exists and they have the owner's rights in it. */
export async function keepSecretCheck(admin: Asking, secret: string): Promise<void> {
  if ((await keptHash(admin)) !== null) return requireSecret(admin, secret);
  await admin.query(`
    create table if not exists ${table} (one boolean primary key default true check (one), hash text not null);
    alter table ${table} owner to ${roleNames.owner};`);
  await admin.query(`insert into ${table} (hash) values ($1) on conflict do nothing`, [hashOf(secret)]);
}

/** null if there is none yet, or the login may not read it (the roles' passwords are derived from the secret too). */
async function keptHash(admin: Asking): Promise<string | null> {
  const there = await admin.query<{ kept: boolean | null }>(
    `select has_table_privilege(to_regclass($1), 'select') as kept`,
    [table],
  );
  if (!there.rows[0]!.kept) return null;
  return (await admin.query<{ hash: string }>(`select hash from ${table}`)).rows[0]?.hash ?? null;
}

/** Slow on purpose, so that a hash that leaks does not reveal a weak secret. */
const digest = (secret: string, salt: string): Buffer => scryptSync(secret, salt, 32);
function hashOf(secret: string): string {
  const salt = randomBytes(16).toString('hex');
  return `scrypt:${salt}:${digest(secret, salt).toString('hex')}`;
}
function isHashOf(kept: string, secret: string): boolean {
  const [, salt = '', hash = ''] = kept.split(':');
  const given = Buffer.from(hash, 'hex');
  return given.length === 32 && timingSafeEqual(given, digest(secret, salt));
}
